# An archive as a rule of make: make -f archive.mk OUT=out SCANS=scans. Each call goes on where the last was stopped.
OCRVL ?= ocrvl
OUT   ?= out
SCANS ?= scans
FLAGS ?= -f text,alto

$(OUT)/manifest-sha256.txt: FORCE
	$(OCRVL) batch run $(FLAGS) $(OUT) $(SCANS); s=$$?; [ $$s -le 1 ] || [ $$s -eq 3 ] || exit $$s
	$(OCRVL) batch manifest $(OUT)
FORCE:
.PHONY: FORCE
