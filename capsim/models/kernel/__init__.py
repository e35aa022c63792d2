"""The pathway as compiled code, module by module beside the SimPy engine's.

What ``capsim.models.hospital`` says of wards and lists is said again in ``kernel.hospital``, and so for
``municipality``, ``ambulant``, ``ways``, ``engine`` and ``clock``: a rule is changed in both, and the tests
of ``tests/equivalence`` tell where they differ. docs/engines.md is the guide.
"""
