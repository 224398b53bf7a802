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
        var file = TiffFile.Read(Bytes());
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
        var file = TiffFile.Read(RealData.Read("test-only/CeO2_Pilatus1M.tif"));
        Assert.Equal((1043, 981), (file.Frame.Height, file.Frame.Width));
        Assert.Equal(126770499, file.Frame.Counts.Sum(count => (long)count));
        Assert.Equal((-2, 621698), (file.Frame.Counts.Min(), file.Frame.Counts.Max()));
        Assert.Equal(53, file.Frame[100, 200]);
        Assert.Contains("# Detector_distance 0.21143 m", file.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_damaged_frame_is_refused_with_what_is_missing()
    {
        var fault = Assert.Throws<DamagedFileException>(() => TiffFile.Read(RealData.Read("diffraction/Pilatus.tiff")));
        Assert.Equal(
            "Not a sound TIFF file: the pixels should end at byte 383956, but the file ends at 383945: 11 bytes are missing.",
            fault.Message
        );
    }

    [Fact]
    public void Big_endian_16_bit_pixels_in_two_strips_are_read()
    {
        byte[] file = BigEndian16();
        Assert.Equal([1, 2, 300, 65535], TiffFile.Read(file).Frame.Counts);
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused_and_never_breaks_the_reader()
    {
        var file = BigEndian16();
        for (var length = 0; length < file.Length; length++)
            Assert.Throws<DamagedFileException>(() => TiffFile.Read(file.AsSpan(0, length)));
    }

    [Fact]
    public void A_compressed_file_is_refused_by_name_of_the_reason()
    {
        var file = BigEndian16();
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(10 + (3 * 12) + 8), 5);
        var fault = Assert.Throws<DamagedFileException>(() => TiffFile.Read(file));
        Assert.Contains("compression 5", fault.Message, StringComparison.Ordinal);
    }

    static void Write(Stream stream) => TiffFile.Write(stream, FrameFixture.Frame, FrameFixture.Header);

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
