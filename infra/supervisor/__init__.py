"""Run the processes of one stack under supervisord: what they are, where they live, whether they work."""
