from collections.abc import Iterator

import pytest
from bokeh.document import Document
from bokeh.io.doc import patch_curdoc


@pytest.fixture(autouse=True)
def no_page() -> Iterator[None]:
    """No page is current, though a server of other tests may run beside them in this process.

    A view would leave to that page's turn what it shows otherwise at once.
    """
    with patch_curdoc(Document()):
        yield
