module pgbackrest/tests/test-proxy

go 1.25
