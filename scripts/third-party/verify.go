// A verifier of a register that shares no code with it: Go's own checksum-database packages as
// Debian ships them (golang-go, golang-golang-x-mod-dev).
//
//	go run verify.go VKEY PUBLIC-FOLDER RECEIPT-FILE
//
// It checks the checkpoint's signature, every entry against the authenticated tiles, and one
// receipt. It says what it checked, or why not, and then ends with 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func require(holds bool, what string) {
	if !holds {
		check(fmt.Errorf("it does not hold"), what)
	}
}

// folder reads tiles where C2SP puts them: without the height that x/mod writes into the path.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// tree opens a signed checkpoint. tlog.ParseTree wants the header of Go's own database, so the
// three lines are read here.
func tree(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err, "the checkpoint's signature")
	lines := strings.Split(opened.Text, "\n")
	require(len(lines) == 4 && lines[3] == "", "three lines in the checkpoint")
	require(lines[0] == verifier.Name(), "the checkpoint's origin is the key's name")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "the checkpoint's size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "the checkpoint's root")
	return tlog.Tree{N: size, Hash: root}
}

func entries(public folder, tree tlog.Tree) {
	hashes := tlog.TileHashReader(tree, public)
	for start := int64(0); start < tree.N; start += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: start / 256, W: 256}
		if tree.N-start < 256 {
			tile.W = int(tree.N - start)
		}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(string(public), path))
		check(err, "a bundle of entries")
		var places []int64
		for index := start; index < start+int64(tile.W); index++ {
			places = append(places, tlog.StoredHashIndex(0, index))
		}
		stored, err := hashes.ReadHashes(places)
		check(err, "the tiles")
		for at, hash := range stored {
			require(len(bundle) >= 2, "the length of "+path)
			length := 2 + int(binary.BigEndian.Uint16(bundle))
			require(len(bundle) >= length, "the length of "+path)
			require(hash == tlog.RecordHash(bundle[2:length]), fmt.Sprint("entry ", start+int64(at)))
			bundle = bundle[length:]
		}
		require(len(bundle) == 0, "the end of "+path)
	}
	if tree.N > 1 {
		proof, err := tlog.ProveTree(tree.N, tree.N/2, hashes)
		check(err, "a consistency proof from the tiles")
		half, err := tlog.TreeHash(tree.N/2, hashes)
		check(err, "the root at half the size")
		check(tlog.CheckTree(proof, tree.N, tree.Hash, tree.N/2, half), "that proof")
	}
}

func receipt(text string, verifier note.Verifier) int64 {
	head, signed, found := strings.Cut(text, "\n\n")
	require(found, "the receipt's two parts")
	lines := strings.Split(head, "\n")
	require(len(lines) >= 3 && lines[0] == "c2sp.org/tlog-proof@v1", "the receipt's first line")
	require(strings.HasPrefix(lines[1], "extra ") && strings.HasPrefix(lines[2], "index "),
		"the receipt's lines `extra` and `index`")
	entry, err := base64.StdEncoding.DecodeString(lines[1][len("extra "):])
	check(err, "the receipt's entry")
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	check(err, "the receipt's index")
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err, "the receipt's proof")
		proof = append(proof, hash)
	}
	covers := tree([]byte(signed), verifier)
	err = tlog.CheckRecord(proof, covers.N, covers.Hash, index, tlog.RecordHash(entry))
	check(err, "the receipt")
	return index
}

func main() {
	require(len(os.Args) == 4, "usage: verify.go VKEY PUBLIC-FOLDER RECEIPT-FILE")
	verifier, err := note.NewVerifier(os.Args[1])
	check(err, "the vkey")
	public := folder(os.Args[2])
	signed, err := os.ReadFile(filepath.Join(string(public), "checkpoint"))
	check(err, "the checkpoint")
	now := tree(signed, verifier)
	entries(public, now)
	text, err := os.ReadFile(os.Args[3])
	check(err, "the receipt")
	index := receipt(string(text), verifier)
	fmt.Printf("%d entries and the receipt of entry %d verify\n", now.N, index)
}
