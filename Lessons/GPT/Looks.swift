import Kindling

/// Where each character of a text looks, layer by layer, a square for each head: the row is the character that looks, the
/// column the one that is looked at, and the darker the more of it is taken.
func attentionPicture(_ model: GPT, _ text: String, _ vocabulary: Vocabulary, _ device: Device) -> String {
  let letters = text.unicodeScalars.map { $0 == "\n" ? "⏎" : String($0) }
  model.eval()
  return noGrad {
    var h = model.embedded(vocabulary.encode(text).unsqueeze(0).to(device))  // [1, length, width]
    var lines: [String] = []
    for (number, block) in model.blocks.enumerated() {
      let (q, k, _) = block.attention.queriesKeysAndValues(of: block.norm1(h))
      let weights = attentionWeights(q, k, isCausal: true)[0].to(.cpu)  // [heads, length, length]
      lines.append("layer \(number + 1)")
      lines.append(row((0..<block.attention.heads).map { _ in "  " + letters.joined() }))
      for (place, letter) in letters.enumerated() {
        lines.append(row((0..<block.attention.heads).map { "\(letter) " + shades(weights[$0, place]) }))
      }
      h = block(h)
    }
    return lines.joined(separator: "\n")
  }
}

/// The squares of a row side by side, without the spaces at its end.
private func row(_ parts: [String]) -> String {
  String(parts.joined(separator: "   ").reversed().drop { $0 == " " }.reversed())
}

/// Weights from 0 to 1 as five shades.
private func shades(_ weights: Tensor) -> String {
  weights.toArray().map { [" ", "░", "▒", "▓", "█"][Int(($0 * 4).rounded())] }.joined()
}
