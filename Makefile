.PHONY: run test check bench lock messages help

help:
	@echo "make run       start Portaali; PORT, DATABASE_URL, REDIS_URL and DEMO are respected"
	@echo "make test      run all tests; ARGS='customers -k merge' picks some"
	@echo "make check     run the linters, the type checker and Django's checks"
	@echo "make bench     measure; ARGS='--customers 100000' sets the size"
	@echo "make lock      lock the requirements with hashes; ARGS=--upgrade takes newer ones"
	@echo "make messages  bring the translation catalogues up to date"

run:
	@bin/run

test:
	@bin/test $(ARGS)

check:
	@bin/check

bench:
	@bin/setup
	@.venv/bin/python manage.py bench $(ARGS)

lock:
	@bin/lock $(ARGS)

messages:
	@bin/messages
