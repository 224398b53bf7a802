using System.Text;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Headers;

public sealed class FileHeadersTests
{
    static FileHeader Read(string path)
    {
        using var file = File.OpenRead(RealData.PathOf(path));
        return FileHeaders.Read(file, path) ?? throw new InvalidOperationException("no header in " + path);
    }

    static HeaderField? Field(FileHeader header, Quantity quantity) =>
        header.Fields.FirstOrDefault(field => field.Quantity == quantity);

    /// <summary>Every value that h5py gives for a small dataset, by path, is what we give, and no path is missing.</summary>
    [Theory]
    [InlineData("nexus/xrd_test.nxs")]
    [InlineData("nexus/mm.nxs")]
    [InlineData("nexus/i18_test_data.nxs")]
    [InlineData("nexus/chopper.nxs")]
    [InlineData("saxs/BAM_2D.h5")]
    [InlineData("spectroscopy/fluo_p1_pymca.h5")]
    [InlineData("tomography/k11-18014.nxs")]
    [InlineData("tomography/tooth.h5")]
    [InlineData("test-only/Therm_6_2.nxs")]
    [InlineData("test-only/538039.nxs")]
    [InlineData("test-only/AgBehenate_228.hdf5")]
    [InlineData("test-only/NXmx.hdf5")]
    [InlineData("test-only/nexus-example.hdf5")]
    [InlineData("test-only/thaumatin_integrated.nxs")]
    [InlineData("test-only/writer_1_3.h5")]
    [InlineData("test-only/lambda/testasapo1_1009_00002_m1_part00000.nxs")]
    public async Task H5py_finds_the_same_paths_and_small_values(string path)
    {
        var file = RealData.PathOf(path);
        var seen = await PythonReaders.AskAsync(
            "h5py",
            file,
            """
            out = {}
            def walk(g, p, seen, depth):
                for k in g:
                    link = g.get(k, getlink=True)
                    if not isinstance(link, h5py.HardLink):
                        out[p + k] = "link"; continue
                    o = g[k]
                    if isinstance(o, h5py.Group):
                        out[p + k] = "group"
                        a = h5py.h5o.get_info(o.id).addr
                        if a not in seen and depth < 12:
                            seen.add(a); walk(o, p + k + "/", seen, depth + 1)
                    elif isinstance(o, h5py.Dataset):
                        v = "dataset"
                        if o.size is not None and 0 < o.size <= 64 and (o.chunks is None or o.chunks == o.shape):
                            x = o[()]
                            if o.dtype.kind in "iuf" and o.dtype.itemsize <= 8:
                                v = [float(y) for y in x.ravel()] if o.shape else [float(x)]
                            elif o.dtype.kind in "SO" and h5py.check_string_dtype(o.dtype):
                                xs = x.ravel() if o.shape else [x]
                                v = [(y.decode("utf-8", "replace") if isinstance(y, bytes) else str(y)).rstrip(" \0") for y in xs]
                        out[p + k] = v
            f = h5py.File(sys.argv[1], "r")
            walk(f, "/", {h5py.h5o.get_info(f.id).addr}, 0)
            def ok(v): return v if not isinstance(v, list) else [y if isinstance(y, str) or y == y and abs(y) < 1e308 else "odd" for y in v]
            print(json.dumps({k: ok(v) for k, v in list(out.items())}))
            """
        );
        using var stream = File.OpenRead(file);
        var ours = Hdf5Header.Read(stream).ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        Assert.DoesNotContain(ours.Values, entry => entry.Kind == Hdf5EntryKind.Damaged);
        var values = 0;
        foreach (var theirs in seen.EnumerateObject().Take(4000))
        {
            Assert.True(ours.TryGetValue(theirs.Name, out var entry), "missing: " + theirs.Name);
            if (theirs.Value.ValueKind == System.Text.Json.JsonValueKind.String)
            {
                Assert.Equal(theirs.Value.GetString(), entry!.Kind.ToString().ToLowerInvariant());
                continue;
            }
            var expected = theirs.Value.EnumerateArray().ToList();
            for (var i = 0; i < expected.Count; i++)
                if (expected[i].ValueKind == System.Text.Json.JsonValueKind.Number)
                {
                    Assert.True(entry!.Numbers is not null, "no numbers: " + theirs.Name);
                    Assert.Equal(expected[i].GetDouble(), entry.Numbers![i]);
                }
                else if (entry!.Numbers is null)
                {
                    Assert.True(entry.Texts is not null, "no text: " + theirs.Name);
                    Assert.Equal(expected[i].GetString(), entry.Texts![i].TrimEnd(' ', '\0'));
                }
            values += expected.Count;
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{path}: {seen.EnumerateObject().Count()} paths, {values} values"
        );
    }

    [Fact]
    public void A_NeXus_file_with_missing_links_tells_what_it_holds_itself()
    {
        var header = Read("test-only/Therm_6_2.nxs");
        Assert.Equal("NeXus", header.Format);
        Assert.Equal("NXmx", Field(header, Quantity.Technique)!.Text);
        Assert.Equal(
            (0.9802735610373182, "angstrom"),
            (Field(header, Quantity.Wavelength)!.Number, Field(header, Quantity.Wavelength)!.Unit)
        );
        Assert.Equal("/entry/instrument/beam/incident_wavelength", Field(header, Quantity.Wavelength)!.Path);
        Assert.Equal("Eiger 16M", Field(header, Quantity.Detector)!.Text);
        Assert.Equal("2019-02-14T14:26:24", Field(header, Quantity.EndTime)!.Text);
        Assert.Equal(488, Field(header, Quantity.Frames)!.Number);
        Assert.Equal("Diamond Light Source", Field(header, Quantity.Facility)!.Text);
    }

    [Fact]
    public void Names_count_where_a_file_has_no_classes()
    {
        var energy = Field(Read("nexus/i18_test_data.nxs"), Quantity.Energy)!;
        Assert.Equal("/entry1/instrument/DCM/energy", energy.Path);
        Assert.Equal(12999.9969, energy.Number!.Value, 4);
        Assert.Null(energy.Unit);
    }

    [Fact]
    public void All_274_real_XAFS_spectra_tell_element_edge_sample_and_start()
    {
        var files = Directory
            .EnumerateFiles(RealData.PathOf("xafs-spectra"), "*.x*di", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".xdi" or ".xxdi")
            .ToList();
        Assert.Equal(274, files.Count);
        foreach (var path in files)
        {
            using var file = File.OpenRead(path);
            var header = FileHeaders.Read(file, path)!;
            Assert.Equal("XDI", header.Format);
            Assert.Equal("XAFS", Field(header, Quantity.Technique)?.Text);
            Assert.True(Field(header, Quantity.Element)?.Text.Length is 1 or 2, path);
            Assert.NotNull(Field(header, Quantity.Edge));
            Assert.NotNull(Field(header, Quantity.SampleName));
            Assert.NotNull(Field(header, Quantity.MonochromatorSpacing)?.Number);
        }
    }

    [Fact]
    public void A_spectrum_is_told_field_by_field()
    {
        var header = Read("xafs-spectra/Se/Se_CoSe_rt_01.xdi");
        Assert.Equal(
            [
                "Se",
                "K",
                "CoSe",
                "cobalt selenide",
                "Si 111",
                "APS",
                "13-BM-D",
                "2008-04-10T17:29:28",
                "2008-04-10T17:47:10",
            ],
            new[]
            {
                Quantity.Element,
                Quantity.Edge,
                Quantity.ChemicalFormula,
                Quantity.SampleName,
                Quantity.MonochromatorCrystal,
                Quantity.Facility,
                Quantity.Beamline,
                Quantity.StartTime,
                Quantity.EndTime,
            }.Select(quantity => Field(header, quantity)!.Text)
        );
        Assert.Equal(
            (3.13555, "Å"),
            (Field(header, Quantity.MonochromatorSpacing)!.Number, Field(header, Quantity.MonochromatorSpacing)!.Unit)
        );
    }

    [Fact]
    public void A_CBF_frame_of_a_PILATUS_300K_tells_wavelength_exposure_and_place_without_its_pixels()
    {
        var header = Read("diffraction/phi_scan_001.cbf");
        Assert.Equal(
            (0.68937, "A"),
            (Field(header, Quantity.Wavelength)!.Number, Field(header, Quantity.Wavelength)!.Unit)
        );
        Assert.Equal(
            (0.5, "s"),
            (Field(header, Quantity.ExposureTime)!.Number, Field(header, Quantity.ExposureTime)!.Unit)
        );
        Assert.Equal("PILATUS 300K, S/N 3-0104, Diamond", Field(header, Quantity.Detector)!.Text);
        Assert.Equal("2011-07-14T12:45:19.719", Field(header, Quantity.StartTime)!.Text);
        Assert.Equal((487.0, 619.0), (Field(header, Quantity.Width)!.Number, Field(header, Quantity.Height)!.Number));
    }

    [Fact]
    public void A_TIFF_frame_of_a_PILATUS_1M_tells_its_distance()
    {
        var header = Read("test-only/CeO2_Pilatus1M.tif");
        Assert.Equal(
            (0.21143, "m"),
            (Field(header, Quantity.DetectorDistance)!.Number, Field(header, Quantity.DetectorDistance)!.Unit)
        );
        Assert.Equal((981.0, 1043.0), (Field(header, Quantity.Width)!.Number, Field(header, Quantity.Height)!.Number));
    }

    [Fact]
    public void A_torn_TIFF_is_refused_with_what_is_missing()
    {
        var fault = Assert.Throws<DamagedFileException>(() => Read("diffraction/Pilatus.tiff"));
        Assert.Contains("bytes are missing", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", bigtiff=True")]
    [InlineData(", bigtiff=True, tile=(16, 16), byteorder='>'")]
    public async Task A_TIFF_of_either_kind_tells_its_size_and_what_its_lines_say_and_is_refused_when_torn(
        string options
    )
    {
        using var file = new TemporaryFile(".tif");
        await PythonReaders.AskAsync(
            "tifffile",
            file.Path,
            $$"""
            import numpy
            tifffile.imwrite(sys.argv[1], numpy.ones((40, 60), 'float32'), description='# Wavelength 0.7749 A\n# Exposure_time 2 s', metadata=None{{options}})
            print('0')
            """
        );
        var bytes = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        var header = FileHeaders.Read(new MemoryStream(bytes), "a.tif")!;
        Assert.Equal("TIFF", header.Format);
        Assert.Equal((60.0, 40.0), (Field(header, Quantity.Width)!.Number, Field(header, Quantity.Height)!.Number));
        Assert.Equal(
            (0.7749, "A"),
            (Field(header, Quantity.Wavelength)!.Number, Field(header, Quantity.Wavelength)!.Unit)
        );
        Assert.Equal(2.0, Field(header, Quantity.ExposureTime)!.Number);
        var torn = Assert.Throws<DamagedFileException>(() => FileHeaders.Read(new MemoryStream(bytes[..^1]), "a.tif"));
        Assert.Contains("1 bytes are missing", torn.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_of_SPring_8_tell_energy_exposure_and_beamline()
    {
        var saxs = Read("spring8-fuel-cell/saxs_TEC10V30E_As_FE_00001__sum_Connected.txt");
        Assert.Equal((11.504, "keV"), (Field(saxs, Quantity.Energy)!.Number, Field(saxs, Quantity.Energy)!.Unit));
        Assert.Equal(
            (20.0, "s"),
            (Field(saxs, Quantity.ExposureTime)!.Number, Field(saxs, Quantity.ExposureTime)!.Unit)
        );
        Assert.Equal("BL04B2", Field(Read("spring8-fuel-cell/pdf_S_q_fqd.txt"), Quantity.Beamline)!.Text);
        Assert.Equal(
            "HAXPES_TEC10E50E H",
            Field(Read("spring8-fuel-cell/haxpes_Pt4f_TEC10E50E_H_0001.csv"), Quantity.Title)!.Text
        );
        Assert.Equal(
            ("Pt", "L3"),
            (
                Field(Read("spring8-fuel-cell/xafs_TEC10E50E_20231031_H.nor"), Quantity.Element)!.Text,
                Field(Read("spring8-fuel-cell/xafs_TEC10E50E_H_03.k2"), Quantity.Edge)!.Text
            )
        );
    }

    [Fact]
    public async Task An_EDF_frame_as_fabio_writes_it_is_told_and_a_cut_one_refused()
    {
        using var file = new TemporaryFile(".edf");
        await PythonReaders.AskAsync(
            "fabio",
            file.Path,
            """
            import numpy
            fabio.edfimage.EdfImage(data=numpy.arange(35, dtype="int32").reshape(5, 7), header={
              "WaveLength": "1.0332e-10", "ExposureTime": "0.25", "SampleDistance": "1.5", "PSize_1": "7.5e-05", "Center_1": "3.5",
              "Title": "AgBeh"}).write(sys.argv[1])
            print(json.dumps(1))
            """
        );
        var bytes = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        var header = FileHeaders.Read(new MemoryStream(bytes), "a.edf")!;
        Assert.Equal(
            (1.0332e-10, "m"),
            (Field(header, Quantity.Wavelength)!.Number, Field(header, Quantity.Wavelength)!.Unit)
        );
        Assert.Equal(
            (0.25, "s"),
            (Field(header, Quantity.ExposureTime)!.Number, Field(header, Quantity.ExposureTime)!.Unit)
        );
        Assert.Equal((7.0, 5.0), (Field(header, Quantity.Width)!.Number, Field(header, Quantity.Height)!.Number));
        Assert.Equal("AgBeh", Field(header, Quantity.Title)!.Text);
        Assert.Throws<DamagedFileException>(() => FileHeaders.Read(new MemoryStream(bytes[..^40]), "a.edf"));
        Assert.Throws<DamagedFileException>(() => FileHeaders.Read(new MemoryStream(bytes[..100]), "a.edf"));
    }

    /// <summary>Cut anywhere and with bytes turned anywhere, a file is told or refused; nothing else happens, and it ends.</summary>
    [Theory]
    [InlineData("test-only/Therm_6_2.nxs")]
    [InlineData("test-only/writer_1_3.h5")]
    [InlineData("test-only/NXmx.hdf5")]
    [InlineData("diffraction/phi_scan_001.cbf")]
    [InlineData("test-only/CeO2_Pilatus1M.tif")]
    [InlineData("xafs-spectra/Se/Se_CoSe_rt_01.xdi")]
    public void Damage_is_never_a_crash(string path)
    {
        var sound = RealData.Read(path);
        var random = new Random(20261127);
        for (var n = 0; n < 300; n++)
        {
            var bytes = (byte[])sound.Clone();
            if (n % 3 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            for (var i = 0; i < 1 + (n % 40) && bytes.Length > 0; i++)
                bytes[random.Next(Math.Min(bytes.Length, 8192))] = (byte)random.Next(256);
            try
            {
                FileHeaders.Read(new MemoryStream(bytes), path);
            }
            catch (DamagedFileException fault)
            {
                Assert.NotEmpty(fault.Message);
            }
        }
    }

    [Fact]
    public void What_is_no_header_is_none_and_what_only_bears_the_name_is_refused()
    {
        Assert.Null(FileHeaders.Read(new MemoryStream([0, 1, 2, 3]), "a.bin"));
        Assert.Empty(FileHeaders.Read(new MemoryStream("1 2\n3 4\n"u8.ToArray()), "a.dat")!.Fields);
        foreach (var name in new[] { "a.h5", "a.cbf", "a.tif", "a.edf" })
            Assert.Throws<DamagedFileException>(() =>
                FileHeaders.Read(new MemoryStream(Encoding.ASCII.GetBytes("nothing of the kind")), name)
            );
    }
}
