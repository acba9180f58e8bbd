"""The tables of Promethios: numbered migrations, and what applies them."""
