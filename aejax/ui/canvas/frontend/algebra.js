/** Small dense linear algebra: products of jacobians, and symmetric systems solved. */

/** A'B of two jacobians given as rows by coordinate. @param {Float32Array} a @param {Float32Array} b @param {number} latent */
export function product(a, b, latent) {
  const features = a.length / latent;
  const out = new Float64Array(latent * latent);
  for (let k = 0; k < latent; k++) {
    for (let l = 0; l < latent; l++) {
      let sum = 0;
      for (let j = 0; j < features; j++) sum += a[k * features + j] * b[l * features + j];
      out[k * latent + l] = sum;
    }
  }
  return out;
}

/** The lower factor L of LL' = matrix; a pivot that rounding has made negative counts as zero.
 * @param {Float64Array} matrix @param {number} size */
export function cholesky(matrix, size) {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j];
      for (let k = 0; k < j; k++) sum -= factor[i * size + k] * factor[j * size + k];
      if (i === j) factor[i * size + i] = Math.sqrt(Math.max(sum, 0));
      else factor[i * size + j] = factor[j * size + j] > 0 ? sum / factor[j * size + j] : 0;
    }
  }
  return factor;
}

/** Solves LL' x = columns, for columns given as (size, count) row by row, in place.
 * @param {Float64Array} factor @param {number} size @param {Float64Array} columns */
function solveFactored(factor, size, columns) {
  const count = columns.length / size;
  for (let c = 0; c < count; c++) {
    for (let i = 0; i < size; i++) {
      let sum = columns[i * count + c];
      for (let k = 0; k < i; k++) sum -= factor[i * size + k] * columns[k * count + c];
      columns[i * count + c] = sum / factor[i * size + i];
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = columns[i * count + c];
      for (let k = i + 1; k < size; k++) sum -= factor[k * size + i] * columns[k * count + c];
      columns[i * count + c] = sum / factor[i * size + i];
    }
  }
  return columns;
}

/**
 * Solves a symmetric block-tridiagonal system by elimination from the first block to the last and back.
 * @param {Float64Array[]} diagonal blocks (size, size)
 * @param {Float64Array[]} beside blocks to the right of the diagonal, one fewer
 * @param {Float64Array[]} right
 * @param {number} size
 */
export function solveTridiagonal(diagonal, beside, right, size) {
  const n = diagonal.length;
  const values = right.map((each) => each.slice());
  /** @type {Float64Array[]} */ const carried = [];
  for (let i = 0; i < n; i++) {
    const pivot = diagonal[i].slice();
    if (i > 0) {
      // pivot - B'C and value - B'y, where C and y were solved for in the block before.
      for (let k = 0; k < size; k++) {
        for (let m = 0; m < size; m++) {
          const b = beside[i - 1][m * size + k];
          for (let l = 0; l < size; l++) pivot[k * size + l] -= b * carried[i - 1][m * size + l];
          values[i][k] -= b * values[i - 1][m];
        }
      }
    }
    const factor = cholesky(pivot, size);
    if (i < n - 1) carried.push(solveFactored(factor, size, beside[i].slice()));
    solveFactored(factor, size, values[i]);
  }
  for (let i = n - 2; i >= 0; i--) {
    for (let k = 0; k < size; k++) {
      for (let l = 0; l < size; l++) values[i][k] -= carried[i][k * size + l] * values[i + 1][l];
    }
  }
  return values;
}

/** @param {Float64Array} matrix @param {number} size @param {number} factor @param {number} ridge */
export function scaledWithRidge(matrix, size, factor, ridge) {
  const out = matrix.map((value) => factor * value);
  for (let k = 0; k < size; k++) out[k * size + k] += ridge;
  return out;
}

/** J'v. @param {Float32Array} jacobian @param {Float32Array} vector @param {number} size */
export function pulled(jacobian, vector, size) {
  return Float64Array.from({ length: size }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += jacobian[k * vector.length + j] * vector[j];
    return sum;
  });
}
