import Kindling
import KindlingPage

/// Where each character of a text looks: of each layer the weights of attention, [heads, length, length], on the CPU.
struct Looks {
  let text: String
  let layers: [Tensor]

  init(_ model: GPT, _ text: String, _ vocabulary: Vocabulary, _ device: Device) {
    self.text = text
    model.eval()
    defer { model.train() }
    layers = noGrad {
      var h = model.embedded(vocabulary.encode(text).unsqueeze(0).to(device))  // [1, length, width]
      return model.blocks.map { block in
        let (q, k, _) = block.attention.queriesKeysAndValues(of: block.norm1(h))
        h = block(h)
        return attentionWeights(q, k, isCausal: true)[0].to(.cpu)
      }
    }
  }

  /// The characters, with a sign for the end of a line.
  private var letters: [String] { text.unicodeScalars.map { $0 == "\n" ? "⏎" : String($0) } }

  /// Layer by layer a square for each head: the row is the character that looks, the column the one that is looked at, and
  /// the darker the more of it is taken.
  var picture: String {
    var lines: [String] = []
    for (number, weights) in layers.enumerated() {
      let heads = 0..<weights.shape[0]
      lines.append("layer \(number + 1)")
      lines.append(row(heads.map { _ in "  " + letters.joined() }))
      for (place, letter) in letters.enumerated() {
        lines.append(row(heads.map { "\(letter) " + shades(weights[$0, place]) }))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The same for a page.
  var forPage: PageData.Attention { PageData.Attention(queries: letters, layers: layers) }

  /// The same as numbers: of each layer, of each head, of each character that looks.
  var weights: [[[[Double]]]] {
    layers.map { layer in
      (0..<layer.shape[0]).map { head in letters.indices.map { place in (layer[head, place] as Tensor).toArray() } }
    }
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
