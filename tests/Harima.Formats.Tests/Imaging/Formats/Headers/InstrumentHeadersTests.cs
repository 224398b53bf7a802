using System.Text;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Formats.Headers;

/// <summary>What instruments write above their numbers, each by a real file where there is one, and by a small one made alike.</summary>
public sealed class InstrumentHeadersTests
{
    static FileHeader Real(string path)
    {
        using var file = File.OpenRead(RealData.PathOf(path));
        return FileHeaders.Read(file, path)!;
    }

    static FileHeader Made(string name, string text) =>
        FileHeaders.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name)!;

    static string Told(FileHeader header, params Quantity[] quantities) =>
        string.Join(
            " | ",
            quantities.Select(quantity =>
                header.Fields.FirstOrDefault(field => field.Quantity == quantity) is { } field
                    ? $"{field.Text} {field.Unit}".TrimEnd()
                    : "-"
            )
        );

    [Fact]
    public void A_spectrum_of_a_Scienta_analyser_tells_energy_analyser_place_sample_and_begin()
    {
        Quantity[] asked =
        [
            Quantity.Technique,
            Quantity.Energy,
            Quantity.Detector,
            Quantity.Facility,
            Quantity.Beamline,
            Quantity.SampleName,
            Quantity.StartTime,
        ];
        Assert.Equal(
            "NXxps | 7940 eV | R4000HE-11508 | SPring-8 | BL09XU | withoutAl | 2021-02-16T22:53:55",
            Told(Real("spring8-fuel-cell/haxpes_VB_10VE_0001.txt"), asked)
        );
        Assert.Equal(
            "NXxps | 7940 eV | R4000HE-11508 | SPring-8 | - | 14 | 2023-02-14T15:22:50",
            Told(Real("spring8-fuel-cell/haxpes_VB_TEC36F52_0001.txt"), asked)
        );
        const string Small = """
            [Info]
            Number of Regions=0001

            [Region 1]
            Region Name=VB
            Dimension 1 name=Kinetic Energy [eV]

            [Info 1]
            Pass Energy=200
            Excitation Energy=5950.2
            Instrument=EW4000
            Location=SPring-8 BL46XU
            Sample=金 foil
            Date=2024-05-07
            Time=08:09:10

            [Data 1]
            5940  1
            """;
        Assert.Equal(
            "NXxps | 5950.2 eV | EW4000 | SPring-8 | BL46XU | 金 foil | 2024-05-07T08:09:10",
            Told(Made("a.txt", Small), asked)
        );
        // The same words without an analyser's: an instrument is a beamline then.
        Assert.Equal("- | - | - | - | BL46XU", Told(Made("a.txt", "Instrument=BL46XU\n1 2\n"), asked[..5]));
    }

    [Fact]
    public void Tables_of_binding_energies_and_of_scattering_angles_tell_their_technique()
    {
        Assert.Equal(
            "NXxps | HAXPES_TEC10EA50E_202302 H",
            Told(Real("spring8-fuel-cell/haxpes_Pt4f_TEC10EA50E_H_0001.csv"), Quantity.Technique, Quantity.Title)
        );
        Assert.Equal(
            "NXxps | foil",
            Told(Made("a.csv", "#title,foil\n#x,Binding energy (eV)\n70,1\n"), Quantity.Technique, Quantity.Title)
        );
        Assert.Equal(
            "NXxrd | 4.066E-11 m",
            Told(Real("test-only/CeO2_Pilatus1M.xy"), Quantity.Technique, Quantity.Wavelength)
        );
        Assert.Equal("NXxrd", Told(Made("a.xy", "# 2th_deg I\n1.0 20\n"), Quantity.Technique));
        Assert.Equal("-", Told(Made("a.dat", "# x y\n1.0 20\n"), Quantity.Technique));
    }

    [Fact]
    public void A_9809_scan_tells_place_period_edge_ring_and_monochromator()
    {
        const string Scan = """
              9809     KEK-PF   BL12C
            Cu_foil.dat            07.05.10 15:34 - 07.05.10 15:52
            Cu K-edge, foil 銅
            Ring :  2.5 GeV  441.7 mA -  437.9 mA
            Mono :   SI(111)       D=  3.13551 A    Initial angle= 12.71660 deg
            BL12C    Transmission( 2)   Repetition=  1     Points=  559
            Param file : CU_K.prm   energy axis(2)     Block =  4

             Block      Init-Eng  final-Eng     Step/eV     Time/s       Num
            """;
        var header = Made("Cu_foil.dat", Scan);
        Assert.Equal("9809", header.Format);
        Assert.Equal(
            "XAFS | KEK-PF | BL12C | 2007-05-10T15:34:00 | 2007-05-10T15:52:00 | Cu K-edge, foil 銅 | Cu | K | 441.7 mA | SI(111) | 3.13551 Å",
            Told(
                header,
                Quantity.Technique,
                Quantity.Facility,
                Quantity.Beamline,
                Quantity.StartTime,
                Quantity.EndTime,
                Quantity.Title,
                Quantity.Element,
                Quantity.Edge,
                Quantity.RingCurrent,
                Quantity.MonochromatorCrystal,
                Quantity.MonochromatorSpacing
            )
        );
        // A number that happens to stand first makes no scan of a table.
        Assert.Equal("text", Made("a.dat", "9809 1 2\n9810 2 3\n").Format);
    }

    [Fact]
    public void A_scan_of_a_Rigaku_diffractometer_tells_sample_wavelength_and_period()
    {
        const string Scan = """
            *RAS_DATA_START
            *RAS_HEADER_START
            *FILE_COMMENT ""
            *FILE_SAMPLE "LaB6 標準"
            *HW_XG_WAVE_LENGTH_ALPHA1 "1.540593"
            *MEAS_SCAN_START_TIME "09/08/2016 13:55:40"
            *MEAS_SCAN_END_TIME "09/08/2016 14:05:41"
            *RAS_HEADER_END
            *RAS_INT_START
            5.0000 1234.0 1.0000
            """;
        Assert.Equal(
            "NXxrd | LaB6 標準 | 1.540593 Å | 2016-09-08T13:55:40 | 2016-09-08T14:05:41 | -",
            Told(
                Made("a.ras", Scan),
                Quantity.Technique,
                Quantity.SampleName,
                Quantity.Wavelength,
                Quantity.StartTime,
                Quantity.EndTime,
                Quantity.Title
            )
        );
    }

    [Fact]
    public async Task Tomography_is_told_by_its_keys_or_flats_where_no_definition_says_so()
    {
        Assert.Equal("NXtomo", Told(Real("tomography/k11-18014.nxs"), Quantity.Technique));
        Assert.Equal("NXtomo | Tooth", Told(Real("tomography/tooth.h5"), Quantity.Technique, Quantity.SampleName));
        Assert.Equal("-", Told(Real("tomography/dark_field.h5"), Quantity.Technique));
        foreach (
            var (write, technique) in new[]
            {
                ("f['entry/instrument/detector/image_key'] = [0, 1, 2]", "NXtomo"),
                ("f['exchange/data_white'] = numpy.zeros((2, 4, 4))", "NXtomo"),
                ("f['exchange/data'] = numpy.zeros((2, 4, 4))", "-"),
            }
        )
        {
            using var file = new TemporaryFile(".h5");
            await PythonReaders.AskAsync(
                "h5py",
                file.Path,
                $"import numpy\nwith h5py.File(sys.argv[1], 'w') as f: {write}\nprint(0)"
            );
            using var stream = File.OpenRead(file.Path);
            Assert.Equal(technique, Told(FileHeaders.Read(stream, "a.h5")!, Quantity.Technique));
        }
    }

    [Fact]
    public void A_file_of_several_techniques_tells_each_of_them_once()
    {
        static IEnumerable<string> Of(FileHeader header) =>
            header.Fields.Where(field => field.Quantity == Quantity.Technique).Select(field => field.Text);
        Assert.Equal(["NXfluo", "NXstxm", "NXxrd"], Of(Real("nexus/mm.nxs")));
        Assert.Equal(["NXmx"], Of(Real("test-only/Therm_6_2.nxs")));
    }

    [Fact]
    public void What_says_nothing_is_not_told()
    {
        Assert.Equal("-", Told(Real("test-only/xrd-map/Fe3O4C_M1_map_11_P1_E1_001.tif"), Quantity.Detector));
        // An energy without a unit beside a wavelength with one.
        Assert.Equal("17000.003931162286 eV", Told(Real("nexus/mm.nxs"), Quantity.Energy));
    }
}
