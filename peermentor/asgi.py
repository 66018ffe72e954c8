"""What a web process serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

from peermentor.memory import settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")

# WhiteNoise hands files over synchronously; Django adapts, and says so once for each process.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

application = get_asgi_application()
settle_memory()

from contracts.sealing import keys  # noqa: E402 - Django has to be set up first
from matching.index import index  # noqa: E402

keys.say_faults()
index.read_ahead()
