"""Signals: recognise, interpret, act, check the effect. What a command about a signal comes to. Pure."""
