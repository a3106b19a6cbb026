import { createRoot } from 'react-dom/client';
import '../../page.css';
import './app.css';
import { App } from './App.jsx';

createRoot(document.getElementById('root')).render(<App />);
