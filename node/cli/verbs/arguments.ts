/** Descriptions of the arguments that verbs share. */
export const MODEL = 'tfjs model.json, or the folder that holds it';
export const INPUTS = '.npy .npz .csv .idx(.gz), or a folder of PNG and JPEG images';
/** Where an index will do. */
export const SEEN = '.npy .npz .csv .idx(.gz), a folder of PNG and JPEG images, or a .netkin index';
export const LABELS =
  '.npy .npz .csv .idx(.gz): class ids, class names, or n × d targets; or the folder of images, one sub-folder for each class';

/** Where an index may have its own. */
export const OWN_LABELS = `${LABELS} (default: those of the index)`;

export function example(call: string): string {
  return `\nExample:\n  netkin ${call}`;
}
