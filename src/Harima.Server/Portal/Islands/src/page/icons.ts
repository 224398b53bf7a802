// Bootstrap Icons (MIT), only those the islands draw; the pages take theirs from the sprite.
import arrowRepeat from 'bootstrap-icons/icons/arrow-repeat.svg?raw';
import arrowDown from 'bootstrap-icons/icons/arrow-down.svg?raw';
import arrowUp from 'bootstrap-icons/icons/arrow-up.svg?raw';
import check from 'bootstrap-icons/icons/check-circle-fill.svg?raw';
import chevronDown from 'bootstrap-icons/icons/chevron-down.svg?raw';
import chevronRight from 'bootstrap-icons/icons/chevron-right.svg?raw';
import clock from 'bootstrap-icons/icons/clock.svg?raw';
import copy from 'bootstrap-icons/icons/copy.svg?raw';
import download from 'bootstrap-icons/icons/download.svg?raw';
import failed from 'bootstrap-icons/icons/exclamation-triangle-fill.svg?raw';
import file from 'bootstrap-icons/icons/file-earmark.svg?raw';
import folder from 'bootstrap-icons/icons/folder-fill.svg?raw';
import folderPlus from 'bootstrap-icons/icons/folder-plus.svg?raw';
import moon from 'bootstrap-icons/icons/moon-stars.svg?raw';
import pause from 'bootstrap-icons/icons/pause-fill.svg?raw';
import play from 'bootstrap-icons/icons/play-fill.svg?raw';
import plus from 'bootstrap-icons/icons/plus-lg.svg?raw';
import same from 'bootstrap-icons/icons/check2-all.svg?raw';
import sending from 'bootstrap-icons/icons/arrow-up-circle.svg?raw';
import sun from 'bootstrap-icons/icons/sun.svg?raw';
import terminal from 'bootstrap-icons/icons/terminal.svg?raw';
import upload from 'bootstrap-icons/icons/cloud-arrow-up.svg?raw';
import wifiOff from 'bootstrap-icons/icons/wifi-off.svg?raw';
import x from 'bootstrap-icons/icons/x-lg.svg?raw';

export const iconSource = {
  arrowDown, arrowRepeat, arrowUp, check, chevronDown, chevronRight, clock, copy, download, failed, file, folder, folderPlus, moon, pause, play, plus,
  same, sending, sun, terminal, upload, wifiOff, x,
};

export type IconName = keyof typeof iconSource;
