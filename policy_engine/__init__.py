"""Pure: compiles policies, and decides by them what an agent may do."""
