using System.IO.Hashing;
using System.Runtime.InteropServices;
using Harima.Imaging;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Neighbours;

namespace Harima.Formats.Tests.Imaging.Formats;

public sealed class Hdf5SignalTests
{
    // Larger than every frame here: then each block of the reduction is one pixel.
    const int AsItIs = 100_000;

    const string Prepare = """
        import numpy, zlib
        import glob
        for folder in glob.glob('/usr/lib/*/hdf5/serial/plugins'):
            h5py.h5pl.prepend(folder.encode())
        def told(a, f=None):
            # As the reader marks what is no count, and NaN cannot be compared.
            v = a.astype('float64')
            if a.dtype.kind == 'i' and a.dtype.itemsize > 1: v[a < 0] = -1
            if a.dtype.kind == 'u' and a.dtype.itemsize > 1: v[a == numpy.iinfo(a.dtype).max] = -1
            v[~numpy.isfinite(v)] = -1
            m = None if f is None else f.get('/entry/instrument/detector/pixel_mask')
            if m is not None and m.shape[-2:] == v.shape:
                v[(m[()].reshape(-1, *v.shape)[0] & 0x7fffffff) != 0] = -1
            return {'shape': list(v.shape), 'crc': zlib.crc32(v.tobytes())}

        """;

    public static TheoryData<string, string> Written { get; } =
        new()
        {
            { "contiguous", "" },
            { "old chunks", "chunks=(1,7,11)" },
            { "old chunks over frames", "chunks=(3,7,11), compression='gzip', shuffle=True, fletcher32=True" },
            { "lzf", "chunks=(2,40,60), compression='lzf', shuffle=True" },
            { "bitshuffle", "chunks=(1,40,60), compression=32008, compression_opts=(0, 2)" },
            { "bitshuffle alone", "chunks=(1,40,60), compression=32008, compression_opts=(0, 0)" },
            { "lz4", "chunks=(1,40,60), compression=32004, compression_opts=(0,)" },
        };

    [Theory]
    [MemberData(nameof(Written))]
    public async Task A_frame_that_h5py_wrote_is_read_as_h5py_reads_it(string name, string options)
    {
        foreach (var version in new[] { "earliest", "latest" })
        foreach (var type in new[] { "uint16", ">i4", "float32", "uint8", "int64" })
            await ComparedAsync(
                $"{name}, {type}, {version}",
                $"f.create_dataset('entry/data/data', data=a.astype('{type}'){(options.Length == 0 ? "" : ", " + options)})",
                version,
                options.Contains("compression=32", StringComparison.Ordinal)
            );
    }

    /// <summary>The indexes of chunks that libraries choose since 1.10: each needs a shape of its own.</summary>
    [Theory]
    [InlineData("single chunk", "chunks=(12,43,61)")]
    [InlineData("single chunk, filtered", "chunks=(12,43,61), compression='gzip'")]
    [InlineData("fixed array", "chunks=(1,10,13)")]
    [InlineData("fixed array, filtered", "chunks=(2,10,13), compression='gzip'")]
    [InlineData("fixed array of pages", "chunks=(1,1,2), compression='gzip'")]
    [InlineData("extensible array", "chunks=(1,10,13), maxshape=(None,43,61)")]
    [InlineData("extensible array, filtered", "chunks=(1,5,3), maxshape=(None,43,61), compression='gzip'")]
    [InlineData("extensible array with pages", "chunks=(1,1,1), maxshape=(None,43,61)")]
    [InlineData("extensible array along columns", "chunks=(2,10,13), maxshape=(12,43,None)")]
    [InlineData("tree of two unlimited sides", "chunks=(1,10,13), maxshape=(None,None,61)")]
    [InlineData("tree, filtered", "chunks=(1,10,13), maxshape=(None,None,None), compression='gzip'")]
    public Task Every_index_of_chunks_leads_to_the_same_frame(string name, string options) =>
        ComparedAsync(
            name,
            $"f.create_dataset('entry/data/data', data=a.astype('uint16'), {options})",
            "latest",
            false
        );

    [Fact]
    public Task A_chunk_that_was_never_written_holds_nothing() =>
        ComparedAsync(
            "sparse",
            "d = f.create_dataset('entry/data/data', shape=(12,43,61), dtype='int32', chunks=(1,10,13), fillvalue=-1); d[:, :20] = a[:, :20].astype('int32')",
            "latest",
            false
        );

    static async Task ComparedAsync(string name, string create, string version, bool needsPlugin)
    {
        using var file = new TemporaryFile(".h5");
        var told = await PythonReaders.AskAsync(
            "h5py",
            file.Path,
            $$"""
            {{Prepare}}
            rng = numpy.random.default_rng(7)
            a = numpy.floor(rng.exponential(40, (12, 43, 61)))
            answers = None
            if {{(needsPlugin ? "h5py.h5z.filter_avail(32008) and h5py.h5z.filter_avail(32004)" : "True")}}:
                with h5py.File(sys.argv[1], 'w', libver='{{version}}') as f:
                    {{create}}
                with h5py.File(sys.argv[1], 'r') as f:
                    answers = [told(f['entry/data/data'][n]) for n in (0, 5, 6, 11)]
            print(json.dumps(answers))
            """
        );
        if (told.ValueKind == System.Text.Json.JsonValueKind.Null)
        {
            Assert.SkipUnless(
                Environment.GetEnvironmentVariable("CI") == "true",
                "bitshuffle or hdf5-filter-plugin is not installed."
            );
            Assert.Fail("bitshuffle or hdf5-filter-plugin is not installed, and CI asks for them.");
        }

        long[] frames = [0, 5, 6, 11];
        for (var n = 0; n < frames.Length; n++)
        {
            using var stream = File.OpenRead(file.Path);
            var shown = Hdf5Signal.Read(stream, frames[n], AsItIs, _ => null);
            Assert.Equal(12, shown.Frames);
            Same($"{name}, frame {frames[n]}", told[n], shown);
        }
    }

    static void Same(string name, System.Text.Json.JsonElement told, Hdf5Shown shown)
    {
        var values = shown.Plane?.Means() ?? [.. shown.Curve!.Y];
        var shape = told.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32());
        Assert.Equal(shape, shown.Plane is { } plane ? [plane.Height, plane.Width] : [values.Length]);
        for (var i = 0; i < values.Length; i++)
            if (double.IsNaN(values[i]))
                values[i] = -1;
        Assert.True(
            told.GetProperty("crc").GetUInt32() == Crc32.HashToUInt32(MemoryMarshal.AsBytes(values.AsSpan())),
            $"{name}: other values than h5py's."
        );
    }

    /// <summary>Which dataset a person would look at first, and that its middle frame is h5py's.</summary>
    [Theory]
    [InlineData("nexus/chopper.nxs", "/entry/data/data", "[:]", 1)]
    [InlineData("nexus/xrd_test.nxs", "/entry1/xrd_entry/instrument/detector/data", "[1,0,0]", 8)]
    [InlineData("saxs/BAM_2D.h5", "/sasentry01/data/I", "[:]", 1)]
    [InlineData("test-only/AgBehenate_228.hdf5", "/entry/data/data", "[:]", 1)]
    [InlineData("test-only/nexus-example.hdf5", "/entry/data/frames", "[5]", 10)]
    [InlineData("test-only/writer_1_3.h5", "/Scan/data/counts", "[:]", 1)]
    [InlineData("test-only/focus2007n001335.hdf", "/entry1/bank1/counts", "[:]", 1)]
    [InlineData(
        "test-only/lambda/testasapo1_1009_00002_m1_part00002.nxs",
        "/entry/instrument/detector/data",
        "[5]",
        10
    )]
    [InlineData("test-only/lambda/testasapo1_1009_00002_proc.nxs", "/processed/result/data", "[:]", 1)]
    [InlineData("tomography/k11-18014-imaging.h5", "/entry/detector/detector", "[1600]", 3201)]
    [InlineData("tomography/dark_field.h5", "/1-NoProcessPlugin-tomo/data", "[10]", 20)]
    public async Task Of_a_real_measurement_the_middle_frame_of_its_signal_is_shown(
        string path,
        string dataset,
        string slice,
        long frames
    )
    {
        using var stream = File.OpenRead(RealData.PathOf(path));
        var shown = Hdf5Signal.Read(stream, null, AsItIs, _ => null);
        Assert.Equal((frames, dataset), (shown.Frames, shown.Path));
        var told = await PythonReaders.AskAsync(
            "h5py",
            RealData.PathOf(path),
            Prepare + $"with h5py.File(sys.argv[1], 'r') as f: print(json.dumps(told(f['{dataset}']{slice}, f)))"
        );
        Same(path, told, shown);
    }

    [Fact]
    public void A_curve_stands_over_its_axis()
    {
        using var stream = File.OpenRead(RealData.PathOf("test-only/writer_1_3.h5"));
        var curve = Hdf5Signal.Read(stream, null, AsItIs, _ => null).Curve!;
        Assert.Equal((31, 17.92608, 17.92108), (curve.X.Count, curve.X[0], curve.X[^1]));
    }

    [Theory]
    [InlineData("test-only/538039.nxs", "538039-pilatus100k-files/538039.hdf")]
    [InlineData("tomography/k11-18014.nxs", "k11-18014")]
    [InlineData("test-only/NXmx.hdf5", "no array")]
    public void What_cannot_be_shown_says_why(string path, string why)
    {
        using var stream = File.OpenRead(RealData.PathOf(path));
        var fault = Assert.Throws<DamagedFileException>(() => Hdf5Signal.Read(stream, null, AsItIs, _ => null));
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_external_link_is_followed_only_where_the_caller_opens_it_and_only_once()
    {
        using var data = new TemporaryFile(".h5");
        using var master = new TemporaryFile(".h5");
        var told = await PythonReaders.AskAsync(
            "h5py",
            master.Path,
            $$"""
            {{Prepare}}
            import os
            a = numpy.arange(3 * 20 * 30).reshape(3, 20, 30).astype('uint32')
            with h5py.File('{{data.Path}}', 'w') as f:
                f['entry/data/data'] = a
                f['entry/further'] = h5py.ExternalLink(os.path.basename(sys.argv[1]), '/entry/data/data_000001')
            with h5py.File(sys.argv[1], 'w') as f:
                g = f.create_group('entry/data')
                g.attrs['NX_class'] = 'NXdata'
                g['data_000001'] = h5py.ExternalLink(os.path.basename('{{data.Path}}'), '/entry/data/data')
                f['again'] = h5py.ExternalLink(os.path.basename('{{data.Path}}'), '/entry/further')
            print(json.dumps(told(a[1])))
            """
        );
        var asked = new List<string>();
        using var stream = File.OpenRead(master.Path);
        Same(
            "linked",
            told,
            Hdf5Signal.Read(
                stream,
                null,
                AsItIs,
                link =>
                {
                    asked.Add(link);
                    return File.OpenRead(data.Path);
                }
            )
        );
        Assert.Equal(Path.GetFileName(data.Path), Assert.Single(asked));
        var refused = Assert.Throws<DamagedFileException>(() => Hdf5Signal.Read(stream, null, AsItIs, _ => null));
        Assert.Contains("may not be read", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_that_is_not_there_and_a_filter_that_is_not_known_are_told()
    {
        using var file = new TemporaryFile(".h5");
        await PythonReaders.AskAsync(
            "h5py",
            file.Path,
            """
            import numpy
            with h5py.File(sys.argv[1], 'w') as f:
                f.create_dataset('data', data=numpy.zeros((4, 20, 30), 'i4'), chunks=(1, 20, 30), scaleoffset=2)
            print('0')
            """
        );
        using var stream = File.OpenRead(file.Path);
        string Refusal(long? frame) =>
            Assert.Throws<DamagedFileException>(() => Hdf5Signal.Read(stream, frame, AsItIs, _ => null)).Message;
        Assert.Contains("there is no frame 4; it has 4, from 0", Refusal(4), StringComparison.Ordinal);
        Assert.Contains("scale-offset", Refusal(0), StringComparison.Ordinal);
    }

    /// <summary>Bytes are changed, cut and repeated; what comes of it is a picture or a sentence, and soon.</summary>
    [Theory]
    [InlineData("test-only/nexus-example.hdf5", 300)]
    [InlineData("test-only/AgBehenate_228.hdf5", 300)]
    [InlineData("test-only/lambda/testasapo1_1009_00002_m1_part00004.nxs", 100)]
    [InlineData("tomography/k11-18014-imaging.h5", 100)]
    public void A_damaged_file_is_a_picture_or_a_reason_and_nothing_else(string path, int times)
    {
        var sound = RealData.Read(path);
        var random = new Random(42);
        var refused = 0;
        for (var n = 0; n < times; n++)
        {
            var bytes = (byte[])sound.Clone();
            // Most of a file is pixels; what decides stands at its beginning.
            var within = n % 2 == 0 ? Math.Min(bytes.Length, 8192) : bytes.Length;
            for (var change = 0; change < 1 + (n % 40); change++)
                bytes[random.Next(within)] = (byte)random.Next(256);
            if (n % 10 == 9)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                Hdf5Signal.Read(new MemoryStream(bytes), null, 320, _ => null);
            }
            catch (DamagedFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, times);
    }
}
