"""What Promethios runs on: the command, the supervisor, the embedded engines, topics and migrations."""
