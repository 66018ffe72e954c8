"""Phrases whose words differ and whose meaning does not: what finds them, in two languages.

Only the process `meaning` (peermentor.processes) loads a model. A request asks it through `accounts.meaning.resolving`.
"""
