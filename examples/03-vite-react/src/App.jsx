import 'netkin/elements';
import { useEffect, useState } from 'react';
import { Chooser } from './Chooser.jsx';
import { openTraining } from './opening.js';
import { pixelsOf } from './pixels.js';

export function App() {
  const [training, setTraining] = useState(null);
  const [failure, setFailure] = useState(null);
  const [unreadable, setUnreadable] = useState(null);
  const [chosen, setChosen] = useState(null);

  useEffect(() => {
    openTraining().then(setTraining, ({ message }) => setFailure(message));
  }, []);

  async function choose(file, name) {
    try {
      setChosen({ name, address: URL.createObjectURL(file), input: await pixelsOf(file) });
      setUnreadable(null);
    } catch {
      setUnreadable(`${name} is no image that this browser can read.`);
    }
  }

  return (
    <main>
      <h1>What has the network seen like it?</h1>
      <p>
        Drop an image of a piece of clothing in, bright on black, or take one that is not in the training set.
      </p>
      <Chooser chosen={chosen} onChoose={choose} />
      <netkin-neighbours
        {...training}
        input={chosen?.input ?? null}
        busy={!training && chosen !== null}
        error={failure ?? unreadable}
      />
    </main>
  );
}
