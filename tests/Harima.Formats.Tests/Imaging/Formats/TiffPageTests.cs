using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Tiff;

/// <summary>Numbers and colours of pages, as tifffile and libtiff (by way of Pillow) write them.</summary>
public sealed class TiffPageTests
{
    const string Prepare = """
        import json, numpy, zlib, PIL.Image
        rng = numpy.random.default_rng(3)
        a = rng.exponential(40, (157, 211)); a[20:60, 30:90] = 7
        def numbers(a): return {'shape': list(a.shape), 'crc': zlib.crc32(a.astype('<f8').tobytes())}
        def colours(image): return {'shape': [image.height, image.width], 'bytes': numpy.array(image.convert('RGB')).ravel().tolist()}

        """;

    [Theory]
    [InlineData("float32", "")]
    [InlineData("float16", "")]
    [InlineData("float64", "")]
    [InlineData(">f4", ", byteorder='>'")]
    [InlineData(">f8", ", byteorder='>'")]
    [InlineData("int8", "")]
    [InlineData("int64", "")]
    [InlineData("uint64", ", byteorder='>'")]
    [InlineData("float32", ", compression='zlib'")]
    [InlineData("float32", ", tile=(64, 48)")]
    [InlineData("uint16", ", tile=(16, 256), compression='zlib'")]
    [InlineData("float32", ", bigtiff=True")]
    [InlineData("int32", ", bigtiff=True, byteorder='>', rowsperstrip=10")]
    [InlineData("float64", ", bigtiff=True, tile=(32, 32), compression='zlib'")]
    public async Task Numbers_that_tifffile_wrote_are_read_as_they_were(string type, string options)
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "tifffile",
            file.Path,
            $$"""
            {{Prepare}}
            v = (a - 30).astype('{{type}}')
            tifffile.imwrite(sys.argv[1], v{{options}})
            assert (tifffile.imread(sys.argv[1]) == v).all()
            print(json.dumps(numbers(v)))
            """
        );
        await SameNumbersAsync(told, file);
    }

    /// <summary>Predictor 3 is the one of floating numbers; 2 that of whole ones.</summary>
    [Theory]
    [InlineData("float32", "tiff_lzw", 3)]
    [InlineData("float32", "tiff_adobe_deflate", 3)]
    [InlineData("float32", "tiff_adobe_deflate", 1)]
    [InlineData("float32", "packbits", 1)]
    [InlineData("float32", "zstd", 3)]
    [InlineData("uint16", "zstd", 2)]
    public async Task Packed_numbers_are_read_as_they_were(string type, string packing, int predictor)
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $$"""
            {{Prepare}}
            v = (a if '{{type}}' == 'uint16' else a - 30).astype('{{type}}')
            PIL.Image.fromarray(v).save(sys.argv[1], compression='{{packing}}', tiffinfo={317: {{predictor}}, 278: 10})
            read = PIL.Image.open(sys.argv[1])
            assert (numpy.array(read) == v).all()
            print(json.dumps(dict(numbers(v), predictor=int(read.tag_v2.get(317, 1)), packing=int(read.tag_v2[259]))))
            """
        );
        Assert.Equal(predictor, told.GetProperty("predictor").GetInt32());
        Assert.NotEqual(1, told.GetProperty("packing").GetInt32());
        await SameNumbersAsync(told, file);
    }

    /// <summary>What was packed with loss is what libjpeg makes of it, but for rounding.</summary>
    [Theory]
    [InlineData("RGB", "raw", 0)]
    [InlineData("RGBA", "tiff_lzw", 0)]
    [InlineData("RGB", "tiff_adobe_deflate", 0)]
    [InlineData("RGB", "jpeg", 3)]
    [InlineData("YCbCr", "jpeg", 3)]
    public async Task Colours_are_read_as_they_were(string mode, string packing, int apart)
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            Photo(mode, packing) + "print(json.dumps(colours(PIL.Image.open(sys.argv[1]))))"
        );
        using var stream = File.OpenRead(file.Path);
        var page = TiffPage.Of(new TiffDirectory(stream));
        Assert.True(page.IsColour);
        var seen = new int[page.Height * page.Width * 3];
        page.ReadColours(
            (y, x, colours) =>
            {
                for (var i = 0; i < colours.Length; i++)
                    seen[(((y * page.Width) + x) * 3) + i] = colours[i];
            }
        );
        Near(told, [page.Height, page.Width], seen, apart);
        Assert.StartsWith("89504E47", Convert.ToHexString(TiffFile.SmallPng(stream, 0, 64)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grey_packed_as_JPEG_is_what_libjpeg_makes_of_it_but_for_rounding()
    {
        using var file = new TemporaryFile(".tif");
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            Photo("L", "jpeg")
                + "read = PIL.Image.open(sys.argv[1]); assert read.tag_v2[259] == 7\nprint(json.dumps({'shape': [read.height, read.width], 'bytes': numpy.array(read).ravel().tolist()}))"
        );
        using var stream = File.OpenRead(file.Path);
        var page = TiffPage.Of(new TiffDirectory(stream));
        Near(told, [page.Height, page.Width], [.. Numbers(page).Select(value => (int)value)], 1);
    }

    /// <summary>A picture of floating numbers keeps those below nought: a phase or a difference is as much a value as a sum.</summary>
    [Fact]
    public async Task A_small_picture_is_drawn_of_numbers_of_both_signs()
    {
        using var file = new TemporaryFile(".tif");
        await PythonReaders.AskAsync(
            "tifffile",
            file.Path,
            $$"""
            {{Prepare}}
            v = numpy.tile(numpy.linspace(-3, 3, 320, dtype='float32'), (200, 1)); v[50:60] = numpy.nan
            tifffile.imwrite(sys.argv[1], v)
            print('0')
            """
        );
        using var stream = File.OpenRead(file.Path);
        using var png = new TemporaryFile(".png");
        await File.WriteAllBytesAsync(
            png.Path,
            TiffFile.SmallPng(stream, 0, 320),
            TestContext.Current.CancellationToken
        );
        var seen = await PythonReaders.AskAsync(
            "PIL",
            png.Path,
            "import PIL.Image\ni = PIL.Image.open(sys.argv[1]); print(json.dumps([i.size, [i.getpixel((x, y)) for x, y in ((4, 9), (160, 9), (315, 9), (160, 55))]]))"
        );
        Assert.Equal("[320, 200]", seen[0].GetRawText());
        var grey = seen[1].EnumerateArray().Select(value => value.GetInt32()).ToArray();
        Assert.True(grey[0] < 10 && grey[1] is > 118 and < 138 && grey[2] > 245, seen[1].GetRawText());
        Assert.Equal(200, grey[3]);
    }

    /// <summary>Bytes are changed and cut; what comes of it is a picture or a sentence.</summary>
    [Theory]
    [InlineData("tifffile.imwrite(sys.argv[1], a.astype('float32'), tile=(64, 48), compression='zlib')")]
    [InlineData("tifffile.imwrite(sys.argv[1], a.astype('float64'), bigtiff=True)")]
    [InlineData("PIL.Image.fromarray(a.astype('float32')).save(sys.argv[1], compression='zstd', tiffinfo={317: 3})")]
    [InlineData("PIL.Image.fromarray(a.astype('uint8')).save(sys.argv[1], compression='jpeg')")]
    [InlineData("PIL.Image.fromarray(a.astype('uint8')).convert('RGB').save(sys.argv[1], compression='jpeg')")]
    public async Task A_damaged_file_is_a_picture_or_a_reason_and_nothing_else(string write)
    {
        using var file = new TemporaryFile(".tif");
        await PythonReaders.AskAsync("tifffile", file.Path, $"{Prepare}\n{write}\nprint('0')");
        var sound = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        var random = new Random(42);
        var refused = 0;
        const int Times = 400;
        for (var n = 0; n < Times; n++)
        {
            var bytes = (byte[])sound.Clone();
            // What decides stands at one of the ends.
            for (var change = 0; change < 1 + (n % 20); change++)
                bytes[
                    (n % 3, random.Next(512)) switch
                    {
                        (0, var at) => at,
                        (1, var at) => bytes.Length - 1 - at,
                        _ => random.Next(bytes.Length),
                    }
                ] = (byte)random.Next(256);
            if (n % 4 == 3)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                using var stream = new MemoryStream(bytes);
                TiffFile.Pages(stream);
                TiffFile.SmallPng(stream, 0, 320);
            }
            catch (DamagedFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Times);
    }

    /// <summary>One page of 64 x 64 bytes in a strip; one entry says what the case says.</summary>
    [Theory]
    [InlineData(nameof(TiffTag.ImageWidth), uint.MaxValue, "more than")]
    [InlineData(nameof(TiffTag.ImageLength), 0, "need 0 bytes")]
    [InlineData(nameof(TiffTag.ImageLength), 500_000, "need 32000000 bytes")]
    [InlineData(nameof(TiffTag.StripByteCounts), uint.MaxValue, "bytes are missing")]
    [InlineData(nameof(TiffTag.StripOffsets), uint.MaxValue, "bytes are missing")]
    [InlineData(nameof(TiffTag.StripByteCounts), 100, "100 of 4096 pixels")]
    [InlineData(nameof(TiffTag.Compression), 34712, "compression 34712")]
    [InlineData(nameof(TiffTag.BitsPerSample), 12, "12 bits")]
    [InlineData(nameof(TiffTag.SamplesPerPixel), 5, "5 samples")]
    [InlineData(nameof(TiffTag.Predictor), 3, "predictor 3")]
    [InlineData(nameof(TiffTag.TileWidth), uint.MaxValue, "0 tiles")]
    public void A_directory_that_lies_is_refused_before_memory_is_set_aside(string tag, uint value, string why)
    {
        using var file = new MemoryStream(Page(Enum.Parse<TiffTag>(tag), value));
        Assert.Contains(
            why,
            Assert.Throws<DamagedFileException>(() => TiffFile.SmallPng(file, 0, 320)).Message,
            StringComparison.Ordinal
        );
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DamagedFileException>(() => TiffFile.SmallPng(file, 0, 320));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Strips_that_all_are_the_whole_file_are_refused_before_it_is_read_for_each()
    {
        const int Strips = 64;
        var page = Page(TiffTag.Compression, 8);
        var bytes = page.Concat(new byte[2 * 4 * Strips]).ToArray();
        for (var at = 10; at < Next; at += 12)
        {
            var tag = (TiffTag)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            var value = bytes.AsSpan(at + 8);
            if (tag == TiffTag.RowsPerStrip)
                BinaryPrimitives.WriteUInt32LittleEndian(value, 1);
            if (tag is not (TiffTag.StripOffsets or TiffTag.StripByteCounts))
                continue;
            var values = tag == TiffTag.StripOffsets ? page.Length : page.Length + (4 * Strips);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), Strips);
            BinaryPrimitives.WriteUInt32LittleEndian(value, (uint)values);
            for (var n = 0; tag == TiffTag.StripByteCounts && n < Strips; n++)
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(values + (4 * n)), (uint)bytes.Length);
        }

        using var file = new MemoryStream(bytes);
        var fault = Assert.Throws<DamagedFileException>(() => TiffFile.SmallPng(file, 0, 320));
        Assert.Contains("and the whole file 4864", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_lead_back_to_the_first_are_counted_once()
    {
        var bytes = Page(TiffTag.Compression, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Next), 8);
        using var file = new MemoryStream(bytes);
        Assert.Equal(1, TiffFile.Pages(file));
    }

    /// <summary>What lies before the pixels of a page is not read, however large the file is.</summary>
    [Fact]
    public void A_page_of_a_file_larger_than_memory_is_drawn_and_only_it_is_read()
    {
        var page = Page(TiffTag.StripOffsets, 4_000_000_000);
        using var file = new Sparse(page, 4_000_000_000);
        var png = TiffFile.SmallPng(file, 0, 320);
        Assert.StartsWith("89504E47", Convert.ToHexString(png), StringComparison.Ordinal);
        Assert.InRange(file.ReadBytes, 4096, 20_000);
    }

    const int Entries = 10;
    const int Next = 10 + (Entries * 12);

    static byte[] Page(TiffTag tag, uint value)
    {
        var entries = new SortedDictionary<TiffTag, uint>
        {
            [TiffTag.ImageWidth] = 64,
            [TiffTag.ImageLength] = 64,
            [TiffTag.BitsPerSample] = 8,
            [TiffTag.Compression] = 1,
            [TiffTag.StripOffsets] = 256,
            [TiffTag.SamplesPerPixel] = 1,
            [TiffTag.RowsPerStrip] = 64,
            [TiffTag.StripByteCounts] = 4096,
            [TiffTag.Predictor] = 1,
            [TiffTag.SampleFormat] = 1,
        };
        if (!entries.ContainsKey(tag))
            entries.Remove(TiffTag.SampleFormat);
        entries[tag] = value;
        Assert.Equal(Entries, entries.Count);
        var file = new byte[256 + 4096];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), Entries);
        var at = 10;
        foreach (var (name, one) in entries)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)name);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), 4);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 8), one);
            at += 12;
        }

        return file;
    }

    static string Photo(string mode, string packing) =>
        $$"""
            {{Prepare}}
            y, x = numpy.mgrid[0:157, 0:211]
            v = numpy.stack([x, y, 255 - x, 255 - 0 * x], -1).astype('u1')
            image = PIL.Image.fromarray(v, 'RGBA').convert('RGB' if '{{mode}}' != 'RGBA' else 'RGBA').convert('{{mode}}')
            image.save(sys.argv[1], compression='{{packing}}')

            """;

    static double[] Numbers(TiffPage page)
    {
        var seen = new double[page.Height * page.Width];
        page.ReadNumbers((y, x, values) => values.CopyTo(seen.AsSpan((y * page.Width) + x)));
        return seen;
    }

    static async Task SameNumbersAsync(JsonElement told, TemporaryFile file)
    {
        await using var stream = File.OpenRead(file.Path);
        var page = TiffPage.Of(new TiffDirectory(stream));
        Assert.Equal(
            told.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()),
            [page.Height, page.Width]
        );
        Assert.Equal(
            told.GetProperty("crc").GetUInt32(),
            Crc32.HashToUInt32(MemoryMarshal.AsBytes(Numbers(page).AsSpan()))
        );
    }

    static void Near(JsonElement told, int[] shape, int[] seen, int apart)
    {
        Assert.Equal(told.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()), shape);
        var wanted = told.GetProperty("bytes").EnumerateArray().Select(value => value.GetInt32()).ToArray();
        Assert.Equal(wanted.Length, seen.Length);
        Assert.InRange(wanted.Zip(seen, (one, other) => Math.Abs(one - other)).Max(), 0, apart);
    }

    /// <summary>A file with its beginning in one place and the rest of it far behind.</summary>
    sealed class Sparse(byte[] file, long pixelsAt) : Stream
    {
        public long ReadBytes { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => pixelsAt + 4096;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, Length - Position);
            for (var i = 0; i < count; i++)
                buffer[i] = Position + i < file.Length ? file[Position + i] : (byte)i;
            Position += count;
            ReadBytes += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = offset;

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
