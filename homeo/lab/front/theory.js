/**
 * Theory that the runs are held against: the formulas, and the names, of
 * homeo/theory.py. All numbers are in SI units.
 *
 * Zenke, Agnes & Gerstner (2015), Nature Communications 6:6922,
 * doi:10.1038/ncomms7922. The variance is Campbell's theorem for shot noise with
 * an exponential kernel, applied to N independent Poisson neurons.
 *
 * @typedef {"zenke_2015"|"brian_example"} Rule one that reads G
 *
 * @typedef {{mean: number, variance: number}} Moments
 */

/**
 * Expected rate estimate after a step of the population rate:
 * ⟨H(t)⟩ = r + (H(0) − r) exp(−t/τ_H).
 *
 * @param {number} t time since the step
 * @param {number} rate population rate after the step
 * @param {{tau_H: number}} parameters
 * @param {number} initial H at the step
 * @returns {number}
 */
export function H_mean(t, rate, { tau_H }, initial) {
  return rate + (initial - rate) * Math.exp(-t / tau_H);
}

/**
 * Variance of the rate estimate after a step of the population rate:
 * Var[H(t)] = r/(2Nτ_H) (1 − exp(−2t/τ_H)) + Var[H(0)] exp(−2t/τ_H).
 *
 * @param {number} t time since the step
 * @param {number} rate population rate after the step
 * @param {{tau_H: number, N: number}} parameters
 * @param {number} [initial] variance at the step
 * @returns {number}
 */
export function H_variance(t, rate, { tau_H, N }, initial = 0) {
  const decay = Math.exp((-2 * t) / tau_H);
  return (rate / (2 * N * tau_H)) * (1 - decay) + initial * decay;
}

/**
 * How much too high a clock-driven filter reads on average: x/(1 − exp(−x)) with
 * x = interval/τ, about 1 + x/2. Exact for a filter that decays and then jumps once
 * in every step, and is read after the jump.
 *
 * @param {number} interval the time step
 * @param {number} tau time constant of the filter
 * @returns {number} the factor, 1 in continuous time
 */
export function clock_driven_gain(interval, tau) {
  const x = interval / tau;
  return x === 0 ? 1 : -x / Math.expm1(-x);
}

/**
 * Mean and variance of the rate estimate while the population rate changes in
 * steps. The square of H decays with τ_H/2, and so the gain of its variance is that
 * of this time constant.
 *
 * @param {ArrayLike<number>} times ascending, from 0
 * @param {{start: number, rate: number}[]} epochs ascending; the first starts at 0
 * @param {{tau_H: number, N: number, H_0: number, dt?: number}} parameters with the
 *   time step; without it time is continuous
 * @returns {{mean: Float64Array, variance: Float64Array}} at these times
 */
export function H_course(times, epochs, parameters) {
  const { tau_H, H_0, dt = 0 } = parameters;
  const gain = {
    mean: clock_driven_gain(dt, tau_H),
    variance: clock_driven_gain(dt, tau_H / 2),
  };
  /** @type {(t: number, rate: number, initial: Moments) => Moments} */
  const at = (t, rate, initial) => ({
    mean: H_mean(t, gain.mean * rate, parameters, initial.mean),
    variance: H_variance(t, gain.variance * rate, parameters, initial.variance),
  });
  const mean = new Float64Array(times.length);
  const variance = new Float64Array(times.length);
  let initial = { mean: H_0, variance: 0 };
  let k = 0;
  for (const [index, { start, rate }] of epochs.entries()) {
    const end = epochs[index + 1]?.start ?? Infinity;
    for (; k < times.length && times[k] < end; k++) {
      const here = at(times[k] - start, rate, initial);
      mean[k] = here.mean;
      variance[k] = here.variance;
    }
    initial = at(end - start, rate, initial);
  }
  return { mean, variance };
}

/**
 * Weight change of at most one spike on either side at constant G, without bounds:
 * Δw = ηG [n + paired], where n counts the spikes that carry the "+1" and a pair
 * counts exp(−|Δ|/τ_STDP).
 *
 * @param {{pre: boolean, post: boolean, lag: number}} spikes which there are, and
 *   the postsynaptic minus the presynaptic time
 * @param {number} G
 * @param {{rule: Rule, eta: number, tau_stdp: number}} parameters
 * @returns {number} in the unit of the weight
 */
export function weight_change({ pre, post, lag }, G, { rule, eta, tau_stdp }) {
  const unpaired = { zenke_2015: pre, brian_example: post }[rule];
  const paired = pre && post ? Math.exp(-Math.abs(lag) / tau_stdp) : 0;
  return eta * G * (Number(unpaired) + paired);
}

/**
 * Weight change of one pair of spikes at constant G, without bounds, the same
 * under either rule: Δw = ηG (1 + exp(−|Δ|/τ_STDP)).
 *
 * @param {number} lag postsynaptic minus presynaptic spike time
 * @param {number} G
 * @param {{eta: number, tau_stdp: number}} parameters
 * @returns {number} in the unit of the weight
 */
export function pair_weight_change(lag, G, { eta, tau_stdp }) {
  return eta * G * (1 + Math.exp(-Math.abs(lag) / tau_stdp));
}
