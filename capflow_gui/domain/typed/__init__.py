"""What a person typed or pasted, before it is a symbol, an amount or a rule."""
