// Tea cools: y = a exp(-k t). Finds a and k from eleven measurements, which were made with a = 70 and k = 0.5.

import Kindling
import KindlingOptim
import LessonKit

package func case15() {
  let t = Tensor.linspace(0.0, 5.0, steps: 11)  // [11]
  let y = 70 * (-0.5 * t).exp()  // [11]
  let a = Tensor(50.0, requiresGrad: true)
  let k = Tensor(0.1, requiresGrad: true)
  let optimizer = Adam([ParameterGroup([a], learningRate: 1), ParameterGroup([k], learningRate: 0.02)])

  for step in 0...300 {
    let rate = k.item()
    let loss = (a * (-k * t).exp() - y).pow(2).mean()
    if step % 100 == 0 {
      print("step \(step): loss \(rounded(loss.item())), a \(rounded(a.item())), k \(rounded(rate))")
    }

    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
  }
}
