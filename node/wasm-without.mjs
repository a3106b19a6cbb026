// A wasm file without some of its exports, and without what only they used.

/** Functions that stay are kept instruction by instruction: nothing is optimised, so that their results keep their bits. */
export async function wasmWithout(bytes, exports) {
  // Ten megabytes, which those who only want to know what is left out need not load.
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(bytes);
  try {
    const { SIMD128, BulkMemory, MutableGlobals, SignExt, NontrappingFPToInt } = binaryen.Features;
    module.setFeatures(SIMD128 | BulkMemory | MutableGlobals | SignExt | NontrappingFPToInt);
    for (const name of exports) {
      if (module.getExport(name) === 0) throw new Error(`There is no export ${name} to leave out.`);
      module.removeExport(name);
    }
    module.runPasses(['remove-unused-module-elements']);
    if (!module.validate()) throw new Error('What is left is no valid module.');
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
