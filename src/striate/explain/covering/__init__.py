"""What a score loses where inputs are covered: windows and masks."""
