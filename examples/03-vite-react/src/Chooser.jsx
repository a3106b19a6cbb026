const samples = [
  't-shirt-top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle-boot',
];

/** Where an image is dropped, picked from a disk, or taken from ten samples. */
export function Chooser({ chosen, onChoose }) {
  async function take(name) {
    const response = await fetch(`/queries/${name}.png`);
    onChoose(await response.blob(), name);
  }

  function drop(event) {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) onChoose(file, file.name);
  }

  return (
    <>
      <label className="drop" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        {chosen && <img src={chosen.address} alt="" />}
        <span>{chosen ? chosen.name : 'Drop an image here, or choose a file'}</span>
        <input
          type="file"
          accept="image/*"
          onChange={({ target }) => target.files[0] && onChoose(target.files[0], target.files[0].name)}
        />
      </label>
      <div className="samples">
        {samples.map((name) => (
          <button type="button" key={name} title={name} onClick={() => take(name)}>
            <img src={`/queries/${name}.png`} alt={name} />
          </button>
        ))}
      </div>
    </>
  );
}
