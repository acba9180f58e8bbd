"""Thin Faust agents: they hand records over and decide nothing."""
