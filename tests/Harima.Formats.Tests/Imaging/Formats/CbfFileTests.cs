using System.Text;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Cbf;

public sealed class CbfFileTests
{
    [Fact]
    public async Task Fabio_reads_the_same_counts_and_header()
    {
        using var file = TemporaryFile.Write(".cbf", Write);
        var seen = await PythonReaders.AskAsync(
            "fabio",
            file.Path,
            """
            i = fabio.open(sys.argv[1])
            print(json.dumps({"shape": list(i.data.shape), "sum": int(i.data.sum(dtype="int64")), "min": int(i.data.min()),
              "max": int(i.data.max()), "at": int(i.data[123, 45]), "contents": i.header["_array_data.header_contents"],
              "convention": i.header["_array_data.header_convention"], "md5": i.header["Content-MD5"]}))
            """
        );
        var frame = FrameFixture.Frame;
        Assert.Equal("[619, 487]", seen.GetProperty("shape").GetRawText());
        Assert.Equal(frame.Counts.Sum(count => (long)count), seen.GetProperty("sum").GetInt64());
        Assert.Equal(-1, seen.GetProperty("min").GetInt32());
        Assert.Equal(frame.Counts.Max(), seen.GetProperty("max").GetInt32());
        Assert.Equal(frame[123, 45], seen.GetProperty("at").GetInt32());
        Assert.Equal("PILATUS_1.2", seen.GetProperty("convention").GetString());
        Assert.Contains("# Wavelength 0.77490 A", seen.GetProperty("contents").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "# Detector_distance 0.15050 m",
            seen.GetProperty("contents").GetString(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "# Beam_xy (240.25, 300.75) pixels",
            seen.GetProperty("contents").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var file = CbfFile.Read(Bytes());
        Assert.Equal(FrameFixture.Frame.Counts, file.Frame.Counts);
        Assert.Equal((619, 487), (file.Frame.Height, file.Frame.Width));
        Assert.Equal(FrameFixture.Header.Lines(), file.Header);
        Assert.Equal("0.77490 A", file.Find("Wavelength"));
        Assert.Equal("172e-6 m x 172e-6 m", file.Find("Pixel_size"));
        Assert.Null(file.Find("Flux"));
    }

    /// <summary>Sums, and the pixel at row 100, column 200, as fabio 0.14 gives them.</summary>
    [Theory]
    [InlineData("diffraction/omega_scan.cbf", "9.5000 deg.")]
    [InlineData("diffraction/phi_scan_001.cbf", "9.5000 deg.")]
    public void Real_frames_of_a_PILATUS_300K_are_read(string path, string startAngle)
    {
        var file = CbfFile.Read(RealData.Read(path));
        Assert.Equal((619, 487), (file.Frame.Height, file.Frame.Width));
        Assert.Equal(-16611, file.Frame.Counts.Sum(count => (long)count));
        Assert.Equal(-2, file.Frame.Counts.Min());
        Assert.Equal("0.68937 A", file.Find("Wavelength"));
        Assert.Equal(startAngle, file.Find("Start_angle"));
    }

    [Fact]
    public void A_changed_pixel_is_found_by_the_md5()
    {
        var bytes = Bytes();
        bytes[^5000] ^= 1;
        var fault = Assert.Throws<DamagedFileException>(() => CbfFile.Read(bytes));
        Assert.Contains("Content-MD5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_short_says_how_much_is_left()
    {
        var bytes = Bytes();
        var fault = Assert.Throws<DamagedFileException>(() => CbfFile.Read(bytes.AsSpan(0, bytes.Length / 2)));
        Assert.Contains("are left", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dimensions_that_the_bytes_cannot_hold_are_refused_before_memory_is_taken()
    {
        var text = Encoding.Latin1.GetString(Bytes());
        var huge = text.Replace("Fastest-Dimension: 487", "Fastest-Dimension: 99999999999", StringComparison.Ordinal);
        Assert.Throws<DamagedFileException>(() => CbfFile.Read(Encoding.Latin1.GetBytes(huge)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PNG")]
    [InlineData("###CBF: VERSION 1.5\r\ndata_x\r\n")]
    public void What_is_no_CBF_is_refused(string text) =>
        Assert.Throws<DamagedFileException>(() => CbfFile.Read(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_same_frame_gives_the_same_bytes() => Assert.Equal(Bytes(), Bytes());

    static void Write(Stream stream) => CbfFile.Write(stream, FrameFixture.Frame, "ceo2_00001", FrameFixture.Header);

    static byte[] Bytes()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return stream.ToArray();
    }
}
