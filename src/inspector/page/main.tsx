import { render } from 'preact';
import { InspectorApp } from './view/app.js';

render(<InspectorApp />, document.getElementById('app') ?? document.body);
