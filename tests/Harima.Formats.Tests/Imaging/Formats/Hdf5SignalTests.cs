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

    const string Prepare =
        """
            import glob
            for folder in glob.glob('/usr/lib/*/hdf5/serial/plugins'):
                h5py.h5pl.prepend(folder.encode())

            """ + Told;

    const string Told = """
        import numpy, zlib
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
            { "blosc, blosclz", "chunks=(3,40,60), compression=32001, compression_opts=(0, 0, 0, 0, 9, 1, 0)" },
            { "blosc, lz4", "chunks=(1,40,60), compression=32001, compression_opts=(0, 0, 0, 0, 5, 2, 1)" },
            { "blosc, zstd", "chunks=(12,43,61), compression=32001, compression_opts=(0, 0, 0, 0, 5, 1, 5)" },
            {
                "blosc, checked",
                "chunks=(3,40,60), compression=32001, compression_opts=(0, 0, 0, 0, 5, 2, 5), fletcher32=True"
            },
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

    /// <summary>Debian has no plugin of these: the chunks are packed by libzstd and bitshuffle themselves, as the plugins do it.</summary>
    [Theory]
    [InlineData("zstd", 32015, "()", "zstd(c.tobytes())")]
    [InlineData("zstd behind shuffle", 32015, "()", "zstd(c.view('u1').reshape(-1, c.itemsize).T.tobytes())")]
    [InlineData(
        "bitshuffle and zstd",
        32008,
        "(0, 0, c.itemsize, 1024, 3)",
        "struct.pack('>QI', c.nbytes, 1024 * c.itemsize) + bits(c)"
    )]
    public async Task A_frame_that_libzstd_packed_is_read_as_it_was(
        string name,
        int filter,
        string options,
        string packed
    )
    {
        foreach (var type in new[] { "uint16", "float32", "uint8", "int64" })
        {
            using var file = new TemporaryFile(".h5");
            var told = await PythonReaders.AskAsync(
                "h5py",
                file.Path,
                $$"""
                {{Told}}
                import ctypes, struct, bitshuffle
                # The plugin of bitshuffle that is there would write what it knows into the filter's values.
                while h5py.h5pl.size(): h5py.h5pl.remove(0)
                lib = ctypes.CDLL('libzstd.so.1')
                lib.ZSTD_compress.restype = lib.ZSTD_compressBound.restype = ctypes.c_size_t
                lib.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
                lib.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
                def zstd(b):
                    room = ctypes.create_string_buffer(lib.ZSTD_compressBound(len(b)))
                    used = lib.ZSTD_compress(room, len(room), b, len(b), 3)
                    return room.raw[:used]
                def bits(c):
                    # Whole blocks, one of the groups of eight that are left, and the rest as it is.
                    c, result, whole = c.ravel(), b'', c.size // 8 * 8
                    for at in range(0, whole, 1024):
                        part = zstd(bitshuffle.bitshuffle(c[at:min(at + 1024, whole)].copy()).tobytes())
                        result += struct.pack('>I', len(part)) + part
                    return result + c[whole:].tobytes()
                rng = numpy.random.default_rng(7)
                a = numpy.floor(rng.exponential(40, (3, 43, 61))).astype('{{type}}')
                c = a[0]
                with h5py.File(sys.argv[1], 'w', libver='latest') as f:
                    made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                    made.set_chunk((1, 43, 61))
                    if '{{name}}'.endswith('shuffle'): made.set_shuffle()
                    made.set_filter({{filter}}, h5py.h5z.FLAG_OPTIONAL, {{options}})
                    d = h5py.Dataset(h5py.h5d.create(f.id, b'data', h5py.h5t.py_create(a.dtype), h5py.h5s.create_simple(a.shape), made))
                    for n, c in enumerate(a):
                        d.id.write_direct_chunk((n, 0, 0), {{packed}})
                print(json.dumps([told(c) for c in a]))
                """
            );
            for (var n = 0; n < 3; n++)
            {
                using var stream = File.OpenRead(file.Path);
                Same($"{name}, {type}, frame {n}", told[n], Hdf5Signal.Read(stream, n, AsItIs, _ => null));
            }
        }
    }

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
            if {{(needsPlugin ? "all(h5py.h5z.filter_avail(n) for n in (32001, 32004, 32008))" : "True")}}:
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
                "bitshuffle, hdf5-filter-plugin or hdf5-filter-plugin-blosc-serial is not installed."
            );
            Assert.Fail(
                "bitshuffle, hdf5-filter-plugin or hdf5-filter-plugin-blosc-serial is not installed, and CI asks for them."
            );
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
