/** Activations by the names of `aejax.parts.activations`, and the means of likelihoods that are none: value and slope. */

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
const LEAK = 0.01;
const GELU = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** The hyperbolic tangent inside of gelu, and its argument's slope. @param {number} x */
const geluTanh = (x) => Math.tanh(GELU * (x + GELU_CUBIC * x * x * x));

/** 1 / (1 - exp(-a)) - 1 / a, by its series where the two cancel. @param {number} a */
function continuousBernoulli(a) {
  return Math.abs(a) < 0.05 ? 0.5 + a / 12 : -1 / Math.expm1(-a) - 1 / a;
}

/** @param {number} a */
function continuousBernoulliSlope(a) {
  if (Math.abs(a) < 0.05) return 1 / 12;
  const half = 2 * Math.sinh(a / 2);
  return 1 / (a * a) - 1 / (half * half);
}

/**
 * @typedef {{value: (x: number) => number, slope: (x: number) => number}} Activation
 * @type {Record<string, Activation>}
 */
export const ACTIVATIONS = {
  linear: { value: (x) => x, slope: () => 1 },
  relu: { value: (x) => (x > 0 ? x : 0), slope: (x) => (x > 0 ? 1 : 0) },
  leaky_relu: { value: (x) => (x >= 0 ? x : LEAK * x), slope: (x) => (x >= 0 ? 1 : LEAK) },
  elu: { value: (x) => (x > 0 ? x : Math.expm1(x)), slope: (x) => (x > 0 ? 1 : Math.exp(x)) },
  gelu: {
    value: (x) => 0.5 * x * (1 + geluTanh(x)),
    slope: (x) => {
      const tanh = geluTanh(x);
      return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * GELU * (1 + 3 * GELU_CUBIC * x * x);
    },
  },
  silu: {
    value: (x) => x * sigmoid(x),
    slope: (x) => {
      const gate = sigmoid(x);
      return gate * (1 + x * (1 - gate));
    },
  },
  selu: {
    value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    slope: (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * Math.exp(x)),
  },
  softplus: { value: (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0), slope: sigmoid },
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  sigmoid: {
    value: sigmoid,
    slope: (x) => {
      const value = sigmoid(x);
      return value * (1 - value);
    },
  },
  continuous_bernoulli: { value: continuousBernoulli, slope: continuousBernoulliSlope },
};
