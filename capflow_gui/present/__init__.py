"""Words, numbers, tables and sentences, without Qt."""
