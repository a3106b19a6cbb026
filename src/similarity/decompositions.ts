/**
 * The parts of ml-matrix that are used: a bundle takes no others along. In self-contained bundles matrices are without
 * element-wise operations (`add`, `sub`, `mul`; node/bundle.mjs).
 */
export { EigenvalueDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
