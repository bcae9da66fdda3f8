"""Pictures and pages of heats: overlays, sheets, sounds."""
