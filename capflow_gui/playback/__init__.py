"""A recorded session once more through store and alert engine: without a source, a quota or a store of alerts."""
