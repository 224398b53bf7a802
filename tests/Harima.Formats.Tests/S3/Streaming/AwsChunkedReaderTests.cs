using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Harima.Formats.S3.Signing;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Streaming;

namespace Harima.Formats.S3.Streaming;

public class AwsChunkedReaderTests
{
    const string ChunkSeed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    const string TrailerSeed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

    static readonly string[] GarbageTokens = ["0", "1", "a", ";", "\r\n", "\n", ":", "x", "10", "=", "\0", "ÿ"];

    static readonly string A64KiB = new('a', 65536);
    static readonly string A1KiB = new('a', 1024);

    // The body of "Transferring Payload in Multiple Chunks".
    static readonly string SignedBody =
        $"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n{A64KiB}\r\n"
        + $"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n{A1KiB}\r\n"
        + "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";

    // The body of "… with trailing headers".
    static readonly string SignedTrailerBody =
        $"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n{A64KiB}\r\n"
        + $"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n{A1KiB}\r\n"
        + "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
        + "x-amz-checksum-crc32c:sOO8/Q==\r\n"
        + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";

    static ChunkSigner Signer(string seed) =>
        new(SigningKeys.Derive(Example.SecretKey, Example.Scope), Example.Timestamp, Example.Scope, seed);

    static async Task<(string Text, AwsChunkedReader Reader)> ReadAsync(
        string body,
        long length,
        ChunkSigner? signer,
        bool trailer,
        params int[] splits
    )
    {
        var reader = new AwsChunkedReader(
            new SplitStream(Encoding.Latin1.GetBytes(body), splits),
            length,
            signer,
            trailer
        );
        using var target = new MemoryStream();
        await reader.CopyToAsync(target, 8192, TestContext.Current.CancellationToken);
        return (Encoding.Latin1.GetString(target.ToArray()), reader);
    }

    static async Task<string> RefusalAsync(string body, long length, ChunkSigner? signer, bool trailer) =>
        (await Assert.ThrowsAsync<S3Exception>(() => ReadAsync(body, length, signer, trailer))).Code;

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", 6, "IncompleteBody")] // Fewer bytes than announced.
    [InlineData("5\r\nhello\r\n0\r\n\r\n", 4, "IncompleteBody")] // More.
    [InlineData("5\r\nhel", 5, "IncompleteBody")] // Cut within a chunk.
    [InlineData("5\r\nhello\r\n", 5, "IncompleteBody")] // Cut before the last chunk.
    [InlineData("5\r\nhello\r\n0\r\n\r\nmore", 5, "IncompleteBody")] // Uncounted bytes behind.
    [InlineData("", 0, "IncompleteBody")]
    [InlineData("5\r\nhelloo\r\n0\r\n\r\n", 6, "InvalidChunkSizeError")] // Size and data disagree.
    [InlineData("x\r\nhello\r\n0\r\n\r\n", 5, "InvalidChunkSizeError")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n", 5, "InvalidChunkSizeError")]
    [InlineData("fffffffffffffffff\r\n", 5, "InvalidChunkSizeError")]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\n", 5, "MalformedTrailerError")] // Not announced.
    public async Task Malformed_unsigned_bodies_are_refused(string body, long length, string code) =>
        Assert.Equal(code, await RefusalAsync(body, length, null, trailer: false));

    [Theory]
    [InlineData("0\r\nno colon\r\n\r\n")]
    [InlineData("0\r\n:value\r\n\r\n")]
    [InlineData("0\r\na:1\r\nA:2\r\n\r\n")]
    public async Task Malformed_trailers_are_refused(string body) =>
        Assert.Equal("MalformedTrailerError", await RefusalAsync(body, 0, null, trailer: true));

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_memory() =>
        Assert.Equal("InvalidChunkSizeError", await RefusalAsync(new string('0', 100_000), 5, null, false));

    [Theory]
    [InlineData("ad80c730", "ad80c731")] // First chunk's signature.
    [InlineData("\r\naaaa", "\r\nabaa")] // A byte of data.
    [InlineData("b6c6ea8a", "b6c6ea8b")] // Last chunk's signature.
    [InlineData(";chunk-signature=b6", ";chunk-signatur3=b6")]
    public async Task A_changed_signed_body_is_refused(string from, string to) =>
        Assert.Equal(
            "SignatureDoesNotMatch",
            await RefusalAsync(ReplaceFirst(SignedBody, from, to), 66560, Signer(ChunkSeed), trailer: false)
        );

    [Theory]
    [InlineData("sOO8/Q==", "sOO8/A==")]
    [InlineData("trailer-signature:d8", "trailer-signature:d9")]
    [InlineData("x-amz-trailer-signature:", "x-amz-other:")]
    public async Task A_changed_signed_trailer_is_refused(string from, string to) =>
        Assert.Equal(
            "SignatureDoesNotMatch",
            await RefusalAsync(ReplaceFirst(SignedTrailerBody, from, to), 66560, Signer(TrailerSeed), trailer: true)
        );

    [Fact]
    public async Task A_signed_trailer_left_out_is_refused() =>
        Assert.Equal(
            "SignatureDoesNotMatch",
            await RefusalAsync(
                SignedTrailerBody[..SignedTrailerBody.IndexOf("x-amz-checksum", StringComparison.Ordinal)] + "\r\n",
                66560,
                Signer(TrailerSeed),
                trailer: true
            )
        );

    [Fact]
    public async Task A_forged_last_chunk_fails_before_its_last_byte_is_handed_out()
    {
        var body = ReplaceFirst(SignedBody, "0055627c", "0055627d");
        var reader = new AwsChunkedReader(
            new SplitStream(Encoding.Latin1.GetBytes(body), []),
            66560,
            Signer(ChunkSeed),
            expectsTrailer: false
        );
        var buffer = new byte[1];
        await reader.ReadExactlyAsync(new byte[66559], TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<S3Exception>(async () =>
            await reader.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Signed_chunks_of_the_documentation_are_accepted(int split)
    {
        var (text, _) = await ReadAsync(SignedBody, 66560, Signer(ChunkSeed), trailer: false, split);
        Assert.Equal(A64KiB + A1KiB, text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Signed_trailer_of_the_documentation_is_accepted(int split)
    {
        var (text, reader) = await ReadAsync(SignedTrailerBody, 66560, Signer(TrailerSeed), trailer: true, split);
        Assert.Equal(66560, text.Length);
        Assert.Equal("sOO8/Q==", reader.Trailers["x-amz-checksum-crc32c"]);
        Assert.Single(reader.Trailers);
    }

    [Fact]
    public async Task Bare_line_feeds_and_a_missing_last_line_are_tolerated()
    {
        var (text, reader) = await ReadAsync("5\nhello\n0\nx-amz-checksum-crc32:NhCmhg==\n", 5, null, trailer: true);
        Assert.Equal(("hello", "NhCmhg=="), (text, reader.Trailers["X-Amz-Checksum-Crc32"]));
    }

    [Fact]
    public void Any_body_in_any_chunks_over_any_splits_comes_out_whole() =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[1, 700].Array[1, 8], Gen.Int[1, 900].Array[1, 8], Gen.Bool)
            .Sample(
                (bytes, chunks, splits, signed) =>
                {
                    var body = Encode(bytes, chunks, signed);
                    var reader = new AwsChunkedReader(
                        new SplitStream(body, splits),
                        bytes.Length,
                        signed ? Signer(ChunkSeed) : null,
                        expectsTrailer: true
                    );
                    using var target = new MemoryStream();
                    reader.CopyToAsync(target, splits[0]).GetAwaiter().GetResult();
                    return target.ToArray().AsSpan().SequenceEqual(bytes) && reader.Trailers["x-check"] == "1";
                },
                iter: 2000
            );

    [Fact]
    public void Any_signed_body_with_one_bit_flipped_is_refused() =>
        Gen.Select(Gen.Byte.Array[1, 400], Gen.Int[1, 200].Array[1, 3], Gen.Int[0, 100_000], Gen.Int[0, 7])
            .Sample(
                (bytes, chunks, position, bit) =>
                {
                    var body = Encode(bytes, chunks, signed: true);
                    position %= body.Length;
                    body[position] ^= (byte)(1 << bit);
                    var reader = new AwsChunkedReader(
                        new SplitStream(body, [64]),
                        bytes.Length,
                        Signer(ChunkSeed),
                        expectsTrailer: true
                    );
                    using var target = new MemoryStream();
                    try
                    {
                        reader.CopyToAsync(target, 64).GetAwaiter().GetResult();
                    }
                    catch (S3Exception)
                    {
                        return true;
                    }
                    // Line ends and the case of hex sizes and header names carry nothing.
                    return target.ToArray().AsSpan().SequenceEqual(bytes)
                        && reader.Trailers.GetValueOrDefault("x-check") == "1";
                },
                iter: 3000
            );

    [Fact]
    public void Any_garbage_is_refused_or_read_but_never_breaks() =>
        Gen.Select(Gen.Int[0, GarbageTokens.Length - 1].Select(i => GarbageTokens[i]).Array[0, 40], Gen.Bool)
            .Sample(
                (tokens, trailer) =>
                {
                    var body = Encoding.Latin1.GetBytes(string.Concat(tokens));
                    var reader = new AwsChunkedReader(new SplitStream(body, [3]), 1, null, trailer);
                    try
                    {
                        reader.CopyToAsync(Stream.Null, 16).GetAwaiter().GetResult();
                        return reader.Position == 1;
                    }
                    catch (S3Exception)
                    {
                        return true;
                    }
                },
                iter: 5000
            );

    static byte[] Encode(byte[] bytes, int[] chunks, bool signed)
    {
        var signer = signed ? Signer(ChunkSeed) : null;
        using var body = new MemoryStream();
        var start = 0;
        for (var i = 0; start < bytes.Length; i++)
        {
            var size = Math.Min(chunks[i % chunks.Length], bytes.Length - start);
            Chunk(bytes.AsSpan(start, size));
            body.Write("\r\n"u8);
            start += size;
        }
        Chunk([]);
        body.Write("x-check:1\r\n"u8);
        if (signer is not null)
            Write($"x-amz-trailer-signature:{signer.SignTrailer(SHA256.HashData("x-check:1\n"u8))}\r\n");
        body.Write("\r\n"u8);
        return body.ToArray();

        void Chunk(ReadOnlySpan<byte> data)
        {
            Write(data.Length.ToString("x", CultureInfo.InvariantCulture));
            if (signer is not null)
                Write($";chunk-signature={signer.SignChunk(SHA256.HashData(data))}");
            body.Write("\r\n"u8);
            body.Write(data);
        }

        void Write(string text) => body.Write(Encoding.ASCII.GetBytes(text));
    }

    static string ReplaceFirst(string text, string from, string to)
    {
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0);
        return text[..at] + to + text[(at + from.Length)..];
    }

    /// <summary>Hands its bytes out in pieces of the given sizes, over and over.</summary>
    sealed class SplitStream(byte[] bytes, int[] sizes) : MemoryStream(bytes)
    {
        int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var size = sizes.Length == 0 ? buffer.Length : Math.Min(buffer.Length, sizes[_next++ % sizes.Length]);
            return ValueTask.FromResult(Read(buffer.Span[..size]));
        }
    }
}
