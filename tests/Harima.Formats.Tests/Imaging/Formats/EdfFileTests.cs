using Harima.Imaging;
using Harima.Imaging.Formats.Edf;
using Harima.Imaging.Neighbours;

namespace Harima.Formats.Tests.Imaging.Formats;

public sealed class EdfFileTests
{
    [Theory]
    [InlineData("uint8")]
    [InlineData("uint16")]
    [InlineData("int32")]
    [InlineData("float32")]
    [InlineData("float64")]
    public async Task A_frame_that_fabio_wrote_is_read(string type)
    {
        using var file = new TemporaryFile(".edf");
        var told = await PythonReaders.AskAsync(
            "fabio",
            file.Path,
            $"""
            import numpy, fabio.edfimage
            a = (numpy.arange(35 * 50) % 250).reshape(35, 50).astype('{type}')
            fabio.edfimage.EdfImage(data=a, header=dict(Title='a test')).write(sys.argv[1])
            print(json.dumps(fabio.open(sys.argv[1]).data.astype('float64').flatten().tolist()))
            """
        );
        using var stream = File.OpenRead(file.Path);
        var frame = EdfFile.Read(stream, 1000);
        Assert.Equal((35, 50), (frame.Height, frame.Width));
        Assert.Equal(told.EnumerateArray().Select(value => value.GetDouble()), frame.Means());
    }

    [Theory]
    [InlineData("{ Dim_1 = 4 ; Dim_2 = 4 ; DataType = UnsignedShort ; }\n", "should end at byte")]
    [InlineData("{ Dim_1 = 4 ; Dim_2 = -4 ; DataType = UnsignedShort ; }\n", "no side of a frame")]
    [InlineData("{ Dim_1 = 60000 ; Dim_2 = 60000 ; DataType = UnsignedByte ; }\n", "more than")]
    [InlineData("{ Dim_1 = 4 ; Dim_2 = 4 ; DataType = Complex ; }\n", "'Complex' are not read")]
    [InlineData("{ Dim_1 = 4 ; Dim_2 = 4 ; DataType = UnsignedByte ; Compression = Gzip ; }\n", "'Gzip' is not read")]
    [InlineData("no header", "begin with")]
    public void What_is_no_frame_is_refused_with_a_reason(string text, string why)
    {
        var fault = Assert.Throws<DamagedFileException>(() =>
            EdfFile.Read(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), 320)
        );
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }
}
