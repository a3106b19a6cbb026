/** The parts of ml-matrix that are used: a bundle takes no others along. */
export { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
