"""Makes character n-gram models (*.ngram, engine/src/decode/ngram.h) for beam search: `bitocr ngram`.

texts.py gathers texts with their weights, symbols.py folds their characters, counts.py turns them into probabilities
with back-off and keeps the n-grams that matter most, and file.py writes them. opengram.py draws running Chinese.
build_words.py makes word lists.
"""
