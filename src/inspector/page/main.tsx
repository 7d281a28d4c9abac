import { render } from 'preact';

render(<p>storewire inspect</p>, document.body);
