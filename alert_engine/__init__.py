"""Pure: decides by alert rules what is alarming, on the log's clock alone; for live data and for dry runs."""
