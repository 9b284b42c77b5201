"""The five vocabularies of which a model is a sentence: one module and one table each."""
