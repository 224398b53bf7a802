using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using Harima.Imaging;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Neighbours;

namespace Harima.Formats.Tests.Imaging.Formats;

/// <summary>Frames that are put together from datasets of other files, and pixels that a mask takes away, as h5py has them.</summary>
public sealed class Hdf5VirtualTests : IDisposable
{
    const int AsItIs = 100_000;

    readonly string _folder = Directory.CreateTempSubdirectory("harima-virtual-").FullName;

    string Master => Path.Combine(_folder, "master.h5");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    const string Prepare = """
        import numpy, zlib, os
        folder = os.path.dirname(sys.argv[1])
        def beside(name): return os.path.join(folder, name)
        def told(v):
            v = v.astype('float64')
            v[v < 0] = -1
            return {'shape': list(v.shape), 'crc': zlib.crc32(v.tobytes())}
        rng = numpy.random.default_rng(11)
        a = numpy.floor(rng.exponential(40, (9, 24, 30))).astype('int32')
        def source(name, data, path='entry/data', **how):
            with h5py.File(beside(name), 'w') as f: f.create_dataset(path, data=data, **how)
        def master(layout, fill=-1, **how):
            with h5py.File(sys.argv[1], 'w', **how) as f:
                f.create_virtual_dataset('entry/data/data', layout, fillvalue=fill)
                f['entry/data'].attrs['NX_class'] = 'NXdata'
                f['entry/data'].attrs['signal'] = 'data'
        def V(name, shape, path='entry/data', **how): return h5py.VirtualSource(name, path, shape=shape, dtype='i4', **how)
        layout = h5py.VirtualLayout(shape=(9, 24, 30), dtype='i4')
        frames = None

        """;

    public static TheoryData<string, string> Layouts { get; } =
        new()
        {
            {
                "a file for each part of a scan",
                """
                    for n in range(3):
                        source(f'part{n}.h5', a[3 * n:3 * n + 3], chunks=(1, 24, 30), compression='gzip')
                        layout[3 * n:3 * n + 3] = V(f'part{n}.h5', (3, 24, 30))
                    master(layout)
                    """
            },
            {
                "a file for each module, with gaps",
                """
                    for n in range(2):
                        source(f'module{n}.h5', a[:, 13 * n:13 * n + 10])
                        layout[:, 13 * n:13 * n + 10, :] = V(f'module{n}.h5', (9, 10, 30))
                    master(layout)
                    """
            },
            {
                "tiles side by side",
                """
                    for y in range(2):
                        for x in range(3):
                            source(f't{y}{x}.h5', a[:, 12 * y:12 * y + 12, 10 * x:10 * x + 10])
                            layout[:, 12 * y:12 * y + 12, 10 * x:10 * x + 10] = V(f't{y}{x}.h5', (9, 12, 10))
                    master(layout, libver='latest')
                    """
            },
            {
                "a file for each frame",
                """
                    for n in range(9):
                        source(f'f{n}.h5', a[n])
                        layout[n] = V(f'f{n}.h5', (24, 30))
                    master(layout)
                    """
            },
            {
                "every other frame from another detector",
                """
                    for n in range(3):
                        source(f'd{n}.h5', a[n::3])
                        layout[n::3] = V(f'd{n}.h5', (3, 24, 30))
                    master(layout)
                    """
            },
            {
                "a part of a larger source, and missing files",
                """
                    source('large.h5', numpy.pad(a, ((1, 1), (2, 3), (4, 5))))
                    layout[:, :, :20] = V('large.h5', (11, 29, 39))[1:10, 2:26, 4:24]
                    layout[:, :, 20:] = V('never-written.h5', (9, 24, 10))
                    master(layout, fill=5)
                    """
            },
            {
                "a dataset of the same file",
                """
                    with h5py.File(sys.argv[1], 'w') as f:
                        f['raw'] = a[:, ::-1].copy()
                        layout[:] = h5py.VirtualSource(f['raw'])
                        f.create_virtual_dataset('entry/data/data', layout, fillvalue=-1)
                        f['entry/data'].attrs['NX_class'] = 'NXdata'
                    """
            },
            {
                "a scan that goes on without end",
                """
                    source('growing.h5', a[:7], maxshape=(None, 24, 30), chunks=(1, 24, 30))
                    layout = h5py.VirtualLayout(shape=(7, 24, 30), dtype='i4', maxshape=(None, 24, 30))
                    layout[0:h5py.h5s.UNLIMITED] = V('growing.h5', (7, 24, 30), maxshape=(None, 24, 30))[0:h5py.h5s.UNLIMITED]
                    master(layout, libver='latest')
                    """
            },
            {
                "a single column and a single row",
                """
                    source('line.h5', a[:, :, 3:4])
                    layout[:, :, 3:4] = V('line.h5', (9, 24, 1))
                    source('row.h5', a[:, 5, :])
                    layout[:, 5, 4:] = V('row.h5', (9, 30))[:, 4:]
                    master(layout)
                    """
            },
        };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task A_frame_of_a_virtual_dataset_is_that_which_h5py_reads(string name, string write)
    {
        var told = await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + write
                + """

                with h5py.File(sys.argv[1], 'r') as f:
                    d = f['entry/data/data']
                    print(json.dumps([told(d[n]) for n in range(d.shape[0])]))
                """
        );
        Assert.True(told.GetArrayLength() >= 7);
        for (var n = 0; n < told.GetArrayLength(); n++)
        {
            var shown = Read(n, Beside);
            Assert.Equal((told.GetArrayLength(), n), (shown.Frames, shown.Frame));
            Same($"{name}, frame {n}", told[n], shown);
        }
    }

    [Fact]
    public async Task Where_no_source_may_be_read_there_is_a_reason_and_only_those_a_frame_needs_are_asked_for()
    {
        await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + """
                for n in range(3):
                    source(f'part{n}.h5', a[3 * n:3 * n + 3])
                    layout[3 * n:3 * n + 3] = V(f'part{n}.h5', (3, 24, 30))
                master(layout)
                print(0)
                """
        );
        var refused = Assert.Throws<DamagedFileException>(() => Read(4, _ => null));
        Assert.Contains("'part1.h5'", refused.Message, StringComparison.Ordinal);
        var asked = new List<string>();
        Read(
            4,
            name =>
            {
                asked.Add(name);
                return Beside(name);
            }
        );
        Assert.Equal(["part1.h5"], asked);
    }

    [Fact]
    public async Task A_source_of_another_shape_or_that_is_virtual_itself_is_told_and_not_guessed()
    {
        await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + """
                source('flat.h5', a.reshape(9, 720))
                layout[:] = V('flat.h5', (9, 720))
                master(layout)
                print(0)
                """
        );
        Assert.Contains(
            "another shape",
            Assert.Throws<DamagedFileException>(() => Read(4, Beside)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("'entry/instrument/detector/pixel_mask'")]
    [InlineData("'entry/instrument/detector/detectorSpecific/pixel_mask'")]
    public async Task Masked_pixels_are_no_values_wherever_a_detector_keeps_its_mask(string where)
    {
        var told = await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + $$"""
                mask = rng.choice(numpy.array([0, 0, 0, 1, 2, 16, 256, 1 << 31, (1 << 31) | 4], 'uint32'), (24, 30))
                with h5py.File(sys.argv[1], 'w') as f:
                    f['entry/data/data'] = a
                    f['entry/data'].attrs['NX_class'] = 'NXdata'
                    f[{{where}}] = mask
                    f['entry/instrument/detector'].attrs['NX_class'] = 'NXdetector'
                frame = a[4].copy()
                frame[(mask & 0x7fffffff) != 0] = -1
                assert 0.3 < (frame < 0).mean() < 0.9
                print(json.dumps(told(frame)))
                """
        );
        Same(where, told, Read(4, Beside));
    }

    [Fact]
    public async Task Of_two_detectors_each_has_its_own_mask_and_one_that_does_not_fit_is_left_alone()
    {
        var told = await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + """
                with h5py.File(sys.argv[1], 'w') as f:
                    for n in (1, 2):
                        g = f.create_group(f'entry/instrument/detector{n}')
                        g.attrs['NX_class'] = 'NXdetector'
                        g['data'] = a
                        g['pixel_mask'] = (numpy.arange(720).reshape(24, 30) % (n + 1) == 0).astype('uint32')
                    f['entry/data/data'] = h5py.SoftLink('/entry/instrument/detector2/data')
                    f['entry/data'].attrs['NX_class'] = 'NXdata'
                    f['entry/data'].attrs['signal'] = 'data'
                    f.create_dataset('entry/other/pixel_mask', data=numpy.ones((4, 4), 'uint32'))
                    f['entry'].attrs['default'] = 'instrument'
                    f['entry/instrument'].attrs['default'] = 'detector2'
                    f.attrs['default'] = 'entry'
                    f['entry/instrument/detector2'].attrs['signal'] = 'data'
                frame = a[4].copy()
                frame[numpy.arange(720).reshape(24, 30) % 3 == 0] = -1
                print(json.dumps(told(frame)))
                """
        );
        Same("two detectors", told, Read(4, Beside));
    }

    /// <summary>Bytes of the table of sources are changed; what comes of it is a picture or a sentence.</summary>
    [Fact]
    public async Task A_damaged_table_of_sources_is_a_picture_or_a_reason_and_nothing_else()
    {
        await PythonReaders.AskAsync(
            "h5py",
            Master,
            Prepare
                + """
                for n in range(3):
                    source(f'd{n}.h5', a[n::3])
                    layout[n::3] = V(f'd{n}.h5', (3, 24, 30))
                master(layout)
                print(0)
                """
        );
        var sound = await File.ReadAllBytesAsync(Master, TestContext.Current.CancellationToken);
        var random = new Random(42);
        for (var n = 0; n < 1000; n++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = 0; change < 1 + (n % 10); change++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Hdf5Signal.Read(new MemoryStream(bytes), null, 320, Beside);
            }
            catch (DamagedFileException fault)
            {
                Assert.NotEmpty(fault.Message);
            }
        }
    }

    FileStream? Beside(string name) =>
        Path.Combine(_folder, name) is var path
        && name.Length is > 0 and < 50
        && !name.Contains('\0')
        && File.Exists(path)
            ? File.OpenRead(path)
            : null;

    Hdf5Shown Read(long frame, Hdf5Signal.Beside beside)
    {
        using var stream = File.OpenRead(Master);
        return Hdf5Signal.Read(stream, frame, AsItIs, beside);
    }

    static void Same(string name, JsonElement told, Hdf5Shown shown)
    {
        var values = shown.Plane!.Means();
        Assert.Equal(
            told.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()),
            [shown.Plane.Height, shown.Plane.Width]
        );
        for (var i = 0; i < values.Length; i++)
            if (double.IsNaN(values[i]))
                values[i] = -1;
        Assert.True(
            told.GetProperty("crc").GetUInt32() == Crc32.HashToUInt32(MemoryMarshal.AsBytes(values.AsSpan())),
            $"{name}: other values than h5py's."
        );
    }
}
