"""What the report shows of other tasks than classification, a file a task."""
