/** A model as plain data: it can be cloned, sent to a worker and built again. Needs no tfjs of its own. */
import type { tf } from './tfjs.js';

export interface ModelArtifacts {
  readonly topology: object;
  readonly weightSpecs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: string;
  }[];
  readonly weightData: Uint8Array<ArrayBuffer>;
}

/** The artifacts of a live model; null where tfjs cannot save it. */
export async function artifactsOf(model: tf.LayersModel): Promise<ModelArtifacts | null> {
  let found: ModelArtifacts | null = null;
  const save = async ({ modelTopology, weightSpecs, weightData }: tf.io.ModelArtifacts) => {
    if (modelTopology && weightSpecs && weightData) {
      found = { topology: modelTopology as object, weightSpecs, weightData: joined(weightData) };
    }
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
  };
  try {
    await model.save({ save });
    return found;
  } catch {
    return null;
  }
}

function joined(data: ArrayBuffer | ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const parts = Array.isArray(data) ? data : [data];
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return whole;
}
