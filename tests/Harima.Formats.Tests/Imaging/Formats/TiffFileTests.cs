using System.Buffers.Binary;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Tiff;

public sealed class TiffFileTests
{
    [Fact]
    public async Task Fabio_reads_the_same_counts()
    {
        using var file = TemporaryFile.Write(".tif", Write);
        var seen = await PythonReaders.AskAsync(
            "fabio",
            file.Path,
            """
            i = fabio.open(sys.argv[1])
            print(json.dumps({"class": i.classname, "shape": list(i.data.shape), "dtype": str(i.data.dtype),
              "sum": int(i.data.sum(dtype="int64")), "at": int(i.data[123, 45]), "header": " ".join(str(v) for v in i.header.values())}))
            """
        );
        Assert.Equal("[619, 487]", seen.GetProperty("shape").GetRawText());
        Assert.Equal("int32", seen.GetProperty("dtype").GetString());
        Assert.Equal(FrameFixture.Frame.Counts.Sum(count => (long)count), seen.GetProperty("sum").GetInt64());
        Assert.Equal(FrameFixture.Frame[123, 45], seen.GetProperty("at").GetInt32());
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var file = TiffFile.Read(Stream(Bytes()));
        Assert.Equal(FrameFixture.Frame.Counts, file.Frame.Counts);
        Assert.Equal((619, 487), (file.Frame.Height, file.Frame.Width));
        Assert.Contains("# Wavelength 0.77490 A\r\n", file.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pixels_stand_at_byte_4096_as_PILATUS_puts_them()
    {
        var bytes = Bytes();
        Assert.Equal(4096 + (619 * 487 * 4), bytes.Length);
        var at = (123 * 487) + 45;
        Assert.Equal(
            FrameFixture.Frame.Counts[at],
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4096 + (at * 4)))
        );
    }

    /// <summary>Sum, extremes and a pixel as fabio 0.14 gives them.</summary>
    [Fact]
    public void A_real_PILATUS_1M_frame_of_ceria_is_read()
    {
        var file = TiffFile.Read(Stream(RealData.Read("test-only/CeO2_Pilatus1M.tif")));
        Assert.Equal((1043, 981), (file.Frame.Height, file.Frame.Width));
        Assert.Equal(126770499, file.Frame.Counts.Sum(count => (long)count));
        Assert.Equal((-2, 621698), (file.Frame.Counts.Min(), file.Frame.Counts.Max()));
        Assert.Equal(53, file.Frame[100, 200]);
        Assert.Contains("# Detector_distance 0.21143 m", file.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_damaged_frame_is_refused_with_what_is_missing()
    {
        var fault = Assert.Throws<DamagedFileException>(() =>
            TiffFile.Read(Stream(RealData.Read("diffraction/Pilatus.tiff")))
        );
        Assert.Equal(
            "Not a sound TIFF file: the pixels should end at byte 383956, but the file ends at 383945: 11 bytes are missing.",
            fault.Message
        );
    }

    [Fact]
    public void Big_endian_16_bit_pixels_in_two_strips_are_read()
    {
        byte[] file = BigEndian16();
        Assert.Equal([1, 2, 300, 65535], TiffFile.Read(Stream(file)).Frame.Counts);
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused_and_never_breaks_the_reader()
    {
        var file = BigEndian16();
        for (var length = 0; length < file.Length; length++)
            Assert.Throws<DamagedFileException>(() => TiffFile.Read(Stream(file[..length])));
    }

    [Fact]
    public void A_packing_that_is_not_read_is_refused_by_its_number()
    {
        var file = BigEndian16();
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(10 + (3 * 12) + 8), 34712);
        var fault = Assert.Throws<DamagedFileException>(() => TiffFile.Read(Stream(file)));
        Assert.Contains("compression 34712", fault.Message, StringComparison.Ordinal);
    }

    const string Frames = """
        import numpy, zlib
        import PIL.Image, PIL.features
        rng = numpy.random.default_rng(3)
        a = numpy.floor(rng.exponential(40, (157, 211))); a[20:60, 30:90] = 7
        def counts(a): return {'shape': list(a.shape), 'crc': zlib.crc32(a.astype('<i4').tobytes())}

        """;

    /// <summary>As libtiff packs it, by way of Pillow.</summary>
    [Theory]
    [InlineData("tiff_lzw", "uint16", 1)]
    [InlineData("tiff_lzw", "uint16", 2)]
    [InlineData("tiff_lzw", "uint8", 2)]
    [InlineData("tiff_lzw", "int32", 1)]
    [InlineData("tiff_lzw", "int32", 2)]
    [InlineData("tiff_adobe_deflate", "uint16", 1)]
    [InlineData("tiff_adobe_deflate", "uint8", 2)]
    [InlineData("tiff_deflate", "uint16", 2)]
    [InlineData("packbits", "uint16", 1)]
    [InlineData("packbits", "uint8", 1)]
    public async Task A_packed_frame_is_read_as_it_was(string packing, string type, int predictor)
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $$"""
            {{Frames}}
            assert PIL.features.check('libtiff')
            PIL.Image.fromarray(a.astype('{{type}}')).save(sys.argv[1], compression='{{packing}}', tiffinfo={317: {{predictor}}, 278: 10})
            read = PIL.Image.open(sys.argv[1])
            print(json.dumps(dict(counts(numpy.array(read)), same=bool((numpy.array(read) == a.astype('{{type}}')).all()),
              packing=int(read.tag_v2[259]), predictor=int(read.tag_v2.get(317, 1)))))
            """
        );
        Assert.True(told.GetProperty("same").GetBoolean());
        Assert.NotEqual(1, told.GetProperty("packing").GetInt32());
        Assert.Equal(predictor, told.GetProperty("predictor").GetInt32());
        Same(
            told,
            TiffFile.Read(Stream(await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken)))
        );
    }

    [Fact]
    public async Task A_texture_that_fills_the_table_of_codes_again_and_again_is_read_as_it_was()
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $$"""
            {{Frames}}
            b = numpy.kron(rng.integers(0, 65535, (90, 80)), numpy.ones((7, 9))).astype('uint16')
            PIL.Image.fromarray(b).save(sys.argv[1], compression='tiff_lzw')
            print(json.dumps(counts(b)))
            """
        );
        Same(
            told,
            TiffFile.Read(Stream(await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken)))
        );
    }

    [Fact]
    public async Task Pages_of_a_stack_are_counted_and_read_and_a_smaller_picture_behind_them_is_none()
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $$"""
            {{Frames}}
            pages = [(a + n).astype('uint16') for n in range(4)]
            images = [PIL.Image.fromarray(p) for p in pages] + [PIL.Image.fromarray(pages[0][::4, ::4].copy())]
            images[0].save(sys.argv[1], save_all=True, append_images=images[1:], compression='tiff_lzw')
            print(json.dumps([counts(p) for p in pages]))
            """
        );
        var bytes = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        Assert.Equal(4, TiffFile.Pages(Stream(bytes)));
        for (var n = 0; n < 4; n++)
            Same(told[n], TiffFile.Read(Stream(bytes), n));
        Assert.Contains(
            "it has 5 pages",
            Assert.Throws<DamagedFileException>(() => TiffFile.Read(Stream(bytes), 5)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>Bytes are changed and cut; what comes of it is a frame or a sentence.</summary>
    [Theory]
    [InlineData("tiff_lzw")]
    [InlineData("tiff_adobe_deflate")]
    [InlineData("packbits")]
    public async Task A_damaged_packed_file_is_a_frame_or_a_reason_and_nothing_else(string packing)
    {
        using var file = new TemporaryFile(".tif");
        await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $$"""
            {{Frames}}
            PIL.Image.fromarray(a.astype('uint16')).save(sys.argv[1], compression='{{packing}}')
            print(0)
            """
        );
        var sound = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        var random = new Random(42);
        var refused = 0;
        for (var n = 0; n < 1000; n++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = 0; change < 1 + (n % 20); change++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (n % 4 == 3)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                TiffFile.Pages(Stream(bytes));
                TiffFile.Read(Stream(bytes));
            }
            catch (DamagedFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 1000);
    }

    static void Same(System.Text.Json.JsonElement told, TiffFile file)
    {
        Assert.Equal(
            told.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()),
            [file.Frame.Height, file.Frame.Width]
        );
        Assert.Equal(
            told.GetProperty("crc").GetUInt32(),
            System.IO.Hashing.Crc32.HashToUInt32(
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(file.Frame.Counts.AsSpan())
            )
        );
    }

    static void Write(Stream stream) => TiffFile.Write(stream, FrameFixture.Frame, FrameFixture.Header);

    static MemoryStream Stream(byte[] bytes) => new(bytes);

    static byte[] Bytes()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return stream.ToArray();
    }

    /// <summary>Two by two pixels; the strip tables stand behind the directory, the pixels last.</summary>
    static byte[] BigEndian16()
    {
        (ushort Tag, ushort Type, uint Count, uint Value)[] entries =
        [
            (256, 3, 1, 2 << 16),
            (257, 3, 1, 2 << 16),
            (258, 3, 1, 16 << 16),
            (259, 3, 1, 1 << 16),
            (273, 4, 2, 86),
            (279, 4, 2, 94),
        ];
        var file = new byte[110];
        "MM\0*"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(8), (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = file.AsSpan(10 + (i * 12));
            BinaryPrimitives.WriteUInt16BigEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16BigEndian(entry[2..], entries[i].Type);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], entries[i].Count);
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], entries[i].Value);
        }

        uint[] tables = [102, 106, 4, 4];
        for (var i = 0; i < tables.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(86 + (4 * i)), tables[i]);
        ushort[] pixels = [1, 2, 300, 65535];
        for (var i = 0; i < pixels.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(102 + (2 * i)), pixels[i]);
        return file;
    }
}
