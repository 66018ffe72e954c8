"""What a web process serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

from peermentor.memory import settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")

# WhiteNoise hands files over synchronously; Django adapts, and says so once for each process.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - Django has to be set up first

from contracts.sealing import keys  # noqa: E402
from matching.index import index  # noqa: E402
from peermentor import sockets  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": sockets.application})
settle_memory()
keys.say_faults()
index.read_ahead()
