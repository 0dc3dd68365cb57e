# Of what `swift test` prints, what failed, a line that counts in a terminal, and the end; Tests/run reads through this.
# Every line of its own begins with a sign; what a test's arguments have in further lines is indented.

function clear() {
  if (terminal) printf "\r\033[K"
}

/^\xe2\x97\x87/ { # ◇: something begins
  failing = 0
  next
}
!failing && /^\xe2\x86\xb3/ { next } # ↳: more about the line before
/^\xe2\x9c\x94 Test run / { # ✔, the end
  clear()
  for (reason in skipped) printf "%d skipped: %s\n", skipped[reason], reason
  print
  next
}
/^\xe2\x9c\x94/ { # ✔
  failing = 0
  passed += /^\xe2\x9c\x94 Test [^c]/
  if (terminal) printf "\r%d tests passed", passed
  next
}
/^\xe2\x9e\x9c/ && match($0, /skipped: "/) { # ➜
  skipped[substr($0, RSTART + 10, length($0) - RSTART - 10)]++
  next
}
!failing && /^[[:space:]]/ { next }
/^\[0\/1\] Planning build/ { next }
{ # a failure's details, or what a program says that ends
  failing = 1
  clear()
  print
  fflush()
}
