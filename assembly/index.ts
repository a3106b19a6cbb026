export { convolutionFilterGradient, outerSum } from './convolution';
export { addGram, addGramParts } from './gram';
export { addGramWide } from './gram-wide';
export { laneDots } from './lanes';
export { addOuterSum, addRowSum, outerSumDots, rowSumDots } from './linear';
export { addBlockMoments, addTileProduct, transposeBlocks } from './moments';
export { addOuterGram, addOuterGramParts, addOuterGramWide } from './outer';
export { addGramPairs, addOuterGramPairs } from './pairs';
export { mixLanes, pack } from './panel';
export { avgPoolGrad, maxPoolGrad } from './pool';
export { addPowerSums } from './power';
export { quantize } from './quantize';
export { reachingPairs, undecidedPairs } from './recheck';
export {
  addScreenedGram,
  addScreenedGramWide,
  addScreenedOuterGram,
  addScreenedOuterGramWide,
} from './screen';
export { settle } from './settle';
export { addSampledProducts, transformLanes } from './sketch';
export { addRowSums, countAtLeast } from './sums';
export { storeTile } from './tile';
export { keepTop } from './top';
