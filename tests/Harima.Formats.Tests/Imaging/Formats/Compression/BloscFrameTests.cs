using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Compression;

public sealed class BloscFrameTests
{
    // By the library itself, so that blocks can be of any size: several of them, the last shorter, split or not.
    const string Frames = """
        import base64, random, zlib
        try: lib = ctypes.CDLL('libblosc.so.1')
        except OSError: print('null'); sys.exit()
        lib.blosc_compress_ctx.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_char_p,
          ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
        def frame(data, packing, level=5, shuffle=1, element=4, block=0):
            room = ctypes.create_string_buffer(len(data) + 16)
            used = lib.blosc_compress_ctx(level, shuffle, element, len(data), data, room, len(room), packing, block, 1)
            assert used > 0, (packing, used)
            return {'crc': zlib.crc32(data), 'bytes': len(data), 'frame': base64.b64encode(room.raw[:used]).decode(), 'stored': bool(room.raw[2] & 2)}
        source = random.Random(7)
        def counts(n): return b''.join(int(source.expovariate(.02)).to_bytes(4, 'little') for i in range(n))

        """;

    [Theory]
    [InlineData("blosclz")]
    [InlineData("lz4")]
    [InlineData("lz4hc")]
    [InlineData("snappy")]
    [InlineData("zlib")]
    [InlineData("zstd")]
    public async Task What_the_library_packed_is_unpacked_as_it_was(string packing)
    {
        var told = await FramesAsync(
            $$"""
            few, far = counts(25_003), (lambda b: b + bytes(9000) + b)(counts(3000))
            print(json.dumps([frame(data, b'{{packing}}', level, shuffle, element, block)
              for data in (few, far, few[:-1], b'a' * 70_000, few[:1]) for level in (1, 9) for shuffle in (0, 1, 2)
              for element in (1, 2, 4, 7, 8, 24) for block in (0, 5_000, 16_384)]))
            """
        );
        Assert.Equal(5 * 2 * 3 * 6 * 3, told.Length);
        Assert.Contains(told, one => !one.IsStored);
        foreach (var one in told)
            Assert.Equal(one.Crc, Crc32.HashToUInt32(BloscFrame.Decode(one.Frame, one.Bytes)));
    }

    [Fact]
    public async Task What_was_not_packed_is_read_and_what_stands_behind_a_frame_is_left()
    {
        var told = await FramesAsync("print(json.dumps([frame(source.randbytes(5000), b'lz4', 0)]))");
        var one = Assert.Single(told);
        Assert.True(one.IsStored);
        Assert.Equal(one.Crc, Crc32.HashToUInt32(BloscFrame.Decode([.. one.Frame, 1, 2, 3, 4], one.Bytes)));
    }

    /// <summary>Bytes are changed and cut; what comes of it is as many bytes as are wanted at most, or a sentence.</summary>
    [Theory]
    [InlineData("blosclz")]
    [InlineData("lz4")]
    [InlineData("snappy")]
    [InlineData("zlib")]
    [InlineData("zstd")]
    public async Task A_damaged_frame_is_bytes_or_a_reason_and_nothing_else(string packing)
    {
        var told = await FramesAsync(
            $"print(json.dumps([frame(counts(2500), b'{packing}', 5, n, 4, 4096) for n in (0, 1, 2)]))"
        );
        var random = new Random(42);
        var refused = 0;
        const int Times = 3000;
        for (var n = 0; n < Times; n++)
        {
            var bytes = (byte[])told[n % told.Length].Frame.Clone();
            for (var change = 0; change < 1 + (n % 20); change++)
                bytes[random.Next(n % 2 == 0 ? 64 : bytes.Length)] = (byte)random.Next(256);
            if (n % 4 == 3)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                Assert.InRange(BloscFrame.Decode(bytes, 20_000).Length, 0, 20_000);
            }
            catch (DamagedFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Times);
    }

    /// <summary>Version 2, LZ4, elements of four bytes; then how many bytes it says to hold, in blocks of how many, in how many of its own.</summary>
    [Theory]
    [InlineData(int.MaxValue, 4096, 64)]
    [InlineData(-1, 4096, 64)]
    [InlineData(10_000, 1, 64)]
    [InlineData(10_000, 0, 64)]
    [InlineData(10_000, int.MinValue, 64)]
    [InlineData(10_000, 20_000, 64)]
    [InlineData(10_000, 4096, int.MaxValue)]
    [InlineData(10_000, 4096, 15)]
    public void A_head_that_lies_is_refused_before_memory_is_set_aside(int total, int block, int own)
    {
        var frame = new byte[64];
        new byte[] { 2, 1, 0x21, 4 }.CopyTo(frame, 0);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), total);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(8), block);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(12), own);
        Assert.Throws<DamagedFileException>(() => BloscFrame.Decode(frame, 1 << 30));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DamagedFileException>(() => BloscFrame.Decode(frame, 1 << 20));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_part_longer_than_what_it_holds_is_refused_unread()
    {
        // zlib, one block of eight bytes in one part that says to have twelve.
        byte[] frame = [2, 1, 0x61, 4, 8, 0, 0, 0, 8, 0, 0, 0, 36, 0, 0, 0, 20, 0, 0, 0, 12, 0, 0, 0, .. new byte[12]];
        var fault = Assert.Throws<DamagedFileException>(() => BloscFrame.Decode(frame, 100));
        Assert.Contains("a part of 8 bytes has 12 packed", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 0x21, "version 5")]
    [InlineData(2, 0xE1, "packing 7")]
    public void What_is_not_read_is_named(byte version, byte flags, string named)
    {
        byte[] frame = [version, 1, flags, 4, 8, 0, 0, 0, 8, 0, 0, 0, 24, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        var fault = Assert.Throws<DamagedFileException>(() => BloscFrame.Decode(frame, 100));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    sealed record Told(uint Crc, int Bytes, byte[] Frame, bool IsStored);

    static async Task<Told[]> FramesAsync(string script)
    {
        using var none = new TemporaryFile(".blosc");
        var told = await PythonReaders.AskAsync("ctypes", none.Path, Frames + script);
        if (told.ValueKind == JsonValueKind.Null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "libblosc1 is not installed.");
            Assert.Fail("libblosc1 is not installed, and CI asks for it.");
        }

        return
        [
            .. told.EnumerateArray()
                .Select(one => new Told(
                    one.GetProperty("crc").GetUInt32(),
                    one.GetProperty("bytes").GetInt32(),
                    one.GetProperty("frame").GetBytesFromBase64(),
                    one.GetProperty("stored").GetBoolean()
                )),
        ];
    }
}
