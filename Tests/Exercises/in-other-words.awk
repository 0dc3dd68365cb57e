# Adds a plain sentence to the commonest errors of a compiler. The rows come from a file of hints, which is read before it:
# what the message has in it, and what that means. NAME is the first word that the message has between quotes.

function hint(pattern, sentence) {
  patterns[++count] = pattern
  sentences[count] = sentence
}

{ print }

/error:/ {
  for (i = 1; i <= count; i++) {
    if ($0 !~ patterns[i]) continue
    sentence = sentences[i]
    if (match($0, / '[^']*'/)) gsub(/NAME/, substr($0, RSTART + 2, RLENGTH - 3), sentence)
    if (!(sentence in told)) said[++number] = sentence
    told[sentence] = 1
    break
  }
}

END {
  for (i = 1; i <= number; i++) print (i == 1 ? "\nIn other words: " : "") said[i]
}
